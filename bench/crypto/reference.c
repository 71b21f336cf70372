// The same work in C: on closed pages of the same kind, in the same process, with the system's libsodium.
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { LENGTH = 32, ROOM = 64 };

static size_t page_size;
static unsigned char *key, *made; // each in a page of its own, which is closed between the calls
static void *key_page, *made_page;
static unsigned char message[LENGTH], nonce[24], additional[24], sealed[LENGTH + 16], signature[64];
static unsigned char half[32], pair[64];

static void protect(void *page, int protection) { mprotect(page, page_size, protection); }

static void encrypt(void) {
  randombytes_buf(nonce, sizeof nonce);
  protect(key_page, PROT_READ);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, message, LENGTH, NULL, 0, NULL, nonce,
                                             key);
  protect(key_page, PROT_NONE);
}

static void begin(void) {
  protect(made_page, PROT_READ | PROT_WRITE);
  protect(key_page, PROT_READ);
}

// Closes both, then wipes what was made, as destroy() does.
static void end(void) {
  protect(key_page, PROT_NONE);
  protect(made_page, PROT_NONE);
  protect(made_page, PROT_READ | PROT_WRITE);
  sodium_memzero(made, ROOM);
  protect(made_page, PROT_NONE);
}

static void hmac(void) {
  begin();
  crypto_auth_hmacsha256(made, message, LENGTH, key);
  end();
}

static void derive(void) {
  begin();
  crypto_kdf_derive_from_key(made, 32, 1, "context_", key);
  end();
}

// The public half is derived again for each signature, as Lethe does.
static void sign(void) {
  protect(key_page, PROT_READ);
  crypto_sign_seed_keypair(half, pair, key);
  sodium_memzero(pair, sizeof pair);
  if (sodium_memcmp(half, key + 32, 32) != 0) abort();
  crypto_sign_detached(signature, NULL, message, LENGTH, key);
  protect(key_page, PROT_NONE);
}

// A secret in a closed page becomes ciphertext, and its page is wiped.
static void seal(void) {
  randombytes_buf(nonce, sizeof nonce);
  begin();
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, made, LENGTH, additional,
                                             sizeof additional, NULL, nonce, key);
  protect(key_page, PROT_NONE);
  sodium_memzero(made, ROOM);
  protect(made_page, PROT_NONE);
}

// Ciphertext becomes a secret in a closed page, which is then destroyed.
static void unseal(void) {
  begin();
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(made, NULL, NULL, sealed, LENGTH + 16, additional,
                                                 sizeof additional, nonce, key) != 0)
    abort();
  end();
}

static void (*const WORK[])(void) = {encrypt, hmac, derive, sign, seal, unseal};

// The addresses of two secrets of 64 bytes.
int32_t use_secrets(uint64_t key_address, uint64_t made_address) {
  if (sodium_init() < 0) return -1;
  page_size = (size_t)sysconf(_SC_PAGESIZE);
  key = (unsigned char *)key_address;
  made = (unsigned char *)made_address;
  key_page = (void *)(key_address & ~(page_size - 1));
  made_page = (void *)(made_address & ~(page_size - 1));
  return 0;
}

// Picoseconds of each.
int64_t measure(int32_t work, int32_t rounds) {
  struct timespec from, to;
  if (WORK[work] == unseal) seal();
  clock_gettime(CLOCK_MONOTONIC, &from);
  for (int i = 0; i < rounds; i++) WORK[work]();
  clock_gettime(CLOCK_MONOTONIC, &to);
  return (int64_t)(((to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec)) * 1000 / rounds);
}
