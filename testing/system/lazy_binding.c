/*
 * Puts a pattern into a vector register, calls a function of libc for the first time, and ends with 1 if the pattern
 * lies on the unused stack then. For x86-64.
 */
#include <stdint.h>
#include <unistd.h>

static const uint64_t pattern[2] = {0x6c65746865207365, 0x637265742072656d};

static int left_below(const uint64_t *top) {
  for (const volatile uint64_t *at = top - 1024; at < top; at++)
    if (at[0] == pattern[0] && at[1] == pattern[1]) return 1;
  return 0;
}

int main(void) {
  __asm__ volatile("movdqu %0, %%xmm5" : : "m"(pattern) : "xmm5");
  getppid();
  return left_below(__builtin_frame_address(0));
}
