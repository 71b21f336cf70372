// What the JavaScript is measured against, in the same process and on the same page.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

// Picoseconds of one pair of mprotect calls with a touch in between.
int64_t mprotect_pair(uint64_t address, int rounds) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  volatile unsigned char *at = (volatile unsigned char *)address;
  double start = now();
  for (int i = 0; i < rounds; i++) {
    mprotect((void *)address, page, PROT_READ);
    (void)*at;
    mprotect((void *)address, page, PROT_NONE);
  }
  return (int64_t)((now() - start) * 1000 / rounds);
}

// Picoseconds of sodium_malloc(32), a write and sodium_free. Negative: there is no libsodium.
int64_t sodium_cycle(int rounds) {
  static void *(*allocate)(size_t);
  static void (*release)(void *);
  if (allocate == NULL) {
    void *sodium = dlopen("libsodium.so.23", RTLD_NOW);
    if (sodium == NULL) sodium = dlopen("libsodium.so.26", RTLD_NOW);
    if (sodium == NULL) return -1;
    ((int (*)(void))dlsym(sodium, "sodium_init"))();
    allocate = (void *(*)(size_t))dlsym(sodium, "sodium_malloc");
    release = (void (*)(void *))dlsym(sodium, "sodium_free");
  }
  double start = now();
  for (int i = 0; i < rounds; i++) {
    unsigned char *bytes = allocate(32);
    bytes[0] = 1;
    release(bytes);
  }
  return (int64_t)((now() - start) * 1000 / rounds);
}

#include "pool.c"

static void *spin(void *unused) {
  (void)unused;
  for (volatile uint64_t i = 0;; i++) {
  }
  return NULL;
}

// Another thread of this process that never stops, so that closing pages interrupts its core.
int start_spinning(void) {
  int (*create)(uintptr_t *, const void *, void *(*)(void *), void *) =
      (int (*)(uintptr_t *, const void *, void *(*)(void *), void *))dlsym(RTLD_DEFAULT,
                                                                          "pthread_create");
  uintptr_t thread;
  return create == NULL ? -1 : create(&thread, NULL, spin, NULL);
}
