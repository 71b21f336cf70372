// A PKCS#11 module in front of SoftHSM, for what SoftHSM never does: it locks a PIN after three tries, as cards do, and answers with
// an error where the test asks for it. It notes each call. Like p11-kit's and NSS's modules it gives no name but C_GetFunctionList.
//
//   LETHE_SHIM_MODULE  the module behind it
//   LETHE_SHIM_NOTES   a file to which the name of each call is appended
//   LETHE_SHIM_PLAIN   when it is there, no byte of a PIN or a key is handed on: every PIN is right, and a key is XORed with 0x5a. So
//                      what a scan finds in the process was left by the caller
//   LETHE_SHIM_FAULT   a file that may hold "C_Decrypt 0x32": this function then returns that value, and does nothing;
//                      for 0xdead it crashes, and for 0xbed it never returns
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long word;
typedef word (*function)();

// CK_VERSION and 68 functions (PKCS#11 2.40).
typedef struct {
  unsigned char version[8];
  function at[68];
} list;

static list *inner;
static list own;
static int tries = 3;

static void note(const char *name) {
  const char *path = getenv("LETHE_SHIM_NOTES");
  FILE *file = path ? fopen(path, "a") : NULL;
  if (file == NULL) return;
  fprintf(file, "%s\n", name);
  fclose(file);
}

static word fault(const char *name) {
  const char *path = getenv("LETHE_SHIM_FAULT");
  FILE *file = path ? fopen(path, "r") : NULL;
  char which[64] = "";
  word value = 0;
  if (file == NULL) return 0;
  if (fscanf(file, "%63s %lx", which, &value) != 2 || strcmp(which, name) != 0) value = 0;
  fclose(file);
  if (value == 0xdead) *(volatile int *)8 = 1;
  while (value == 0xbed) pause();
  if (value == 0x510) {
    usleep(400000);
    return 0;
  }
  return value;
}

#define PASS(name, index)                                                 \
  static word name(word a, word b, word c, word d, word e) {              \
    note(#name);                                                          \
    word value = fault(#name);                                            \
    return value ? value : inner->at[index](a, b, c, d, e);               \
  }

PASS(C_Initialize, 0)
PASS(C_Finalize, 1)
PASS(C_GetSlotList, 4)
PASS(C_GetMechanismInfo, 8)
PASS(C_OpenSession, 12)
PASS(C_CloseSession, 13)
PASS(C_Logout, 19)
PASS(C_GetAttributeValue, 24)
PASS(C_FindObjectsInit, 26)
PASS(C_FindObjects, 27)
PASS(C_EncryptInit, 29)
PASS(C_DecryptInit, 33)

static word turn(unsigned char *from, word length, unsigned char *to, word *given, word most) {
  for (word at = 0; at < length && at < most; at++) to[at] = from[at] ^ 0x5a;
  *given = most;
  return 0;
}

// 256 bytes come out of an RSA key of 2048 bits, 16 of an envelope's key.
static word C_Encrypt(word session, unsigned char *from, word length, unsigned char *to, word *given) {
  note("C_Encrypt");
  word value = fault("C_Encrypt");
  if (value) return value;
  if (getenv("LETHE_SHIM_PLAIN")) return turn(from, length, to, given, 256);
  return inner->at[30](session, from, length, to, given);
}

static word C_Decrypt(word session, unsigned char *from, word length, unsigned char *to, word *given) {
  note("C_Decrypt");
  word value = fault("C_Decrypt");
  if (value) return value;
  if (getenv("LETHE_SHIM_PLAIN")) return turn(from, length, to, given, 16);
  return inner->at[34](session, from, length, to, given);
}

static word C_Login(word session, word user, word pin, word length) {
  note("C_Login");
  word value = fault("C_Login");
  if (value) return value;
  if (tries == 0) return 0xa4; // CKR_PIN_LOCKED
  if (getenv("LETHE_SHIM_PLAIN")) {
    const char *known = getenv("LETHE_SHIM_PLAIN"); // of the token, and not what was given
    return inner->at[18](session, user, (word)known, strlen(known));
  }
  value = inner->at[18](session, user, pin, length);
  if (value == 0xa0) tries -= 1;
  if (value == 0) tries = 3;
  return value;
}

static word C_GetTokenInfo(word slot, unsigned char *info) {
  word value = inner->at[6](slot, info);
  word flags;
  memcpy(&flags, info + 96, 8);
  flags &= ~0x70000ul;
  if (tries < 3) flags |= 0x10000ul;
  if (tries == 1) flags |= 0x20000ul;
  if (tries == 0) flags |= 0x40000ul;
  memcpy(info + 96, &flags, 8);
  return value;
}

__attribute__((visibility("default"))) word C_GetFunctionList(list **given) {
  void *library = dlopen(getenv("LETHE_SHIM_MODULE"), RTLD_NOW | RTLD_LOCAL);
  function entry = library ? (function)dlsym(library, "C_GetFunctionList") : NULL;
  if (entry == NULL || entry(&inner) != 0) return 5;
  own = *inner;
  own.at[0] = (function)C_Initialize;
  own.at[1] = (function)C_Finalize;
  own.at[4] = (function)C_GetSlotList;
  own.at[6] = (function)C_GetTokenInfo;
  own.at[8] = (function)C_GetMechanismInfo;
  own.at[12] = (function)C_OpenSession;
  own.at[13] = (function)C_CloseSession;
  own.at[18] = (function)C_Login;
  own.at[19] = (function)C_Logout;
  own.at[24] = (function)C_GetAttributeValue;
  own.at[26] = (function)C_FindObjectsInit;
  own.at[27] = (function)C_FindObjects;
  own.at[29] = (function)C_EncryptInit;
  own.at[30] = (function)C_Encrypt;
  own.at[33] = (function)C_DecryptInit;
  own.at[34] = (function)C_Decrypt;
  *given = &own;
  return 0;
}
