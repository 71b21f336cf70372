// What the enclaves are measured against: the same work in C on libsodium.
// reference <bytes> <rounds>: nanoseconds of each, least of several runs, as one JSON object.
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS 60

static unsigned char *key, *page, *plain, *sealed, nonce[24], additional[16];
static size_t length;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static void encrypt(const unsigned char *message) {
  randombytes_buf(nonce, sizeof nonce);
  sodium_mprotect_readonly(key);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, message, length, additional,
                                             sizeof additional, NULL, nonce, key);
  sodium_mprotect_noaccess(key);
}

// Nonce, key read-only, encrypt, key no-access, wipe: the message lies in an open page.
static void seal(void) {
  encrypt(plain);
  sodium_memzero(plain, length);
}

// The same for a message in a closed page, as it lies in Lethe.
static void seal_guarded(void) {
  sodium_mprotect_readwrite(page);
  encrypt(page);
  sodium_memzero(page, length);
  sodium_mprotect_noaccess(page);
}

// Into a reused guarded page, which is wiped and closed again.
static void open_guarded(void) {
  sodium_mprotect_readwrite(page);
  sodium_mprotect_readonly(key);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(page, NULL, NULL, sealed, length + 16, additional,
                                                 sizeof additional, nonce, key) != 0)
    abort();
  sodium_mprotect_noaccess(key);
  sodium_memzero(page, length);
  sodium_mprotect_noaccess(page);
}

static double least(void (*work)(void), int rounds) {
  double best = 1e18;
  for (int run = 0; run < RUNS; run++) {
    double start = now();
    for (int i = 0; i < rounds; i++) work();
    double each = (now() - start) / rounds;
    if (each < best) best = each;
  }
  return best;
}

int main(int count, char **values) {
  if (count != 3 || sodium_init() < 0) return 2;
  length = strtoul(values[1], NULL, 10);
  int rounds = atoi(values[2]);
  key = sodium_malloc(32);
  page = sodium_malloc(length);
  plain = sodium_malloc(length);
  sealed = malloc(length + 16);
  randombytes_buf(key, 32);
  memset(plain, 1, length);
  sodium_mprotect_noaccess(key);
  sodium_mprotect_noaccess(page);
  double bare = least(seal, rounds), guarded = least(seal_guarded, rounds);
  encrypt(plain);
  double opened = least(open_guarded, rounds);
  printf("{\"seal\":%.0f,\"sealGuarded\":%.0f,\"open\":%.0f}\n", bare, guarded, opened);
  return 0;
}
