/* A library that tells where its function is, as a PKCS#11 module does. */
#include <stdint.h>

static int32_t answer(void) { return 42; }

uintptr_t table(void) { return (uintptr_t)answer; }
