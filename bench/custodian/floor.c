// What one read of a secret costs without JavaScript: cc -O2 floor.c -lsodium && ./a.out
//
// Two processes on a socket pair. An echo sends 64 bytes there and back. A read does as well what a
// custodian's does: the same openings and closings of memfd_secret pages, the same ciphers and hashes,
// the same salts. Several callers share an opening of the keys and a write, as they do there, and each
// has a page for what comes.
#define _GNU_SOURCE
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, MOST = 16, READS = 400, TURNS = 31 };
// Bytes: public parts of a request and of an answer, and the frames of both.
enum { META = 22, ANSWER = 6, SECRET = 32, SENT = 64, CAME = 94 };

static unsigned char *keys, *landings[MOST]; // closed between the steps
static unsigned char salt[24], digest[64], meta[META], sealed[SECRET + 16], wire[MOST * CAME];
static int end; // of the socket pair
static long sum;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static unsigned char *secret_page(void) {
  unsigned char *room = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int file = (int)syscall(SYS_memfd_secret, 0);
  if (file < 0 || ftruncate(file, PAGE) != 0) fail("memfd_secret");
  void *page = mmap(room + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
  if (page == MAP_FAILED) fail("mmap");
  memset(page, 7, 128);
  mprotect(page, PAGE, PROT_NONE);
  return page;
}

static void send_all(int length) {
  if (write(end, wire, length) != length) fail("write");
}

static void take_all(int length) {
  for (ssize_t at = 0, come; at < length; at += come)
    if ((come = read(end, wire + at, length - at)) <= 0) fail("read");
}

static void seal(const unsigned char *bytes, size_t length) {
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, bytes, length, salt, 24, NULL, salt,
                                             keys);
}

// Whether it is authentic is of no matter here.
static void unseal(unsigned char *bytes, size_t length) {
  sum += crypto_aead_xchacha20poly1305_ietf_decrypt(bytes, NULL, NULL, sealed, length + 16, salt,
                                                    24, salt, keys);
}

// Of the system for the first of a batch, and once for the others; and of each part of the message.
static void make_salt(int frame, int parts) {
  if (frame < 2) randombytes_buf(salt, 16);
  for (int part = 0; part < parts; part++) {
    crypto_generichash(digest, 40, meta, META, keys, 32);
    crypto_generichash(digest, 64, NULL, 0, NULL, 0); // so that none is left in the stack
  }
}

static void ask(int callers) {
  mprotect(keys, PAGE, PROT_READ);
  for (int each = 0; each < callers; each++) {
    make_salt(each, 1);
    seal(meta, META);
  }
  mprotect(keys, PAGE, PROT_NONE);
  send_all(callers * SENT);
  take_all(callers * CAME);
  mprotect(keys, PAGE, PROT_READ);
  for (int each = 0; each < callers; each++) {
    unseal(meta, ANSWER);
    mprotect(landings[each], PAGE, PROT_READ | PROT_WRITE);
    unseal(landings[each], SECRET);
  }
  mprotect(keys, PAGE, PROT_NONE);
  for (int each = 0; each < callers; each++) {
    sum += landings[each][0];
    sodium_memzero(landings[each], SECRET);
    mprotect(landings[each], PAGE, PROT_NONE);
  }
}

static void answer(int callers) {
  unsigned char *secret = keys + 2 * 32;
  take_all(callers * SENT);
  mprotect(keys, PAGE, PROT_READ | PROT_WRITE);
  for (int each = 0; each < callers; each++) {
    unseal(meta, META);
    unseal(secret, SECRET); // of the vault
    make_salt(each, 2);
    seal(meta, ANSWER);
    seal(secret, SECRET);
    sodium_memzero(secret, SECRET);
  }
  send_all(callers * CAME);
  mprotect(keys, PAGE, PROT_NONE);
}

static void echo(int callers, int first) {
  if (first) send_all(callers * SENT);
  take_all(callers * SENT);
  if (!first) send_all(callers * SENT);
}

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static int ascending(const void *one, const void *other) {
  double difference = *(const double *)one - *(const double *)other;
  return (difference > 0) - (difference < 0);
}

// Microseconds on a processor for one read or echo, in both processes together: the median of the turns.
static double measure(int callers, int reads) {
  int pair[2], told[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || pipe(told) != 0) fail("socketpair");
  pid_t child = fork();
  end = pair[child == 0];
  close(pair[child != 0]);
  keys = secret_page();
  for (int each = 0; each < callers; each++) landings[each] = secret_page();
  double turns[TURNS], median, other;
  for (int turn = -3; turn < TURNS; turn++) {
    double from = microseconds();
    for (int read = 0; read < READS; read += callers) {
      if (!reads) echo(callers, child != 0);
      else if (child == 0) answer(callers);
      else ask(callers);
    }
    if (turn >= 0) turns[turn] = (microseconds() - from) / READS;
  }
  qsort(turns, TURNS, sizeof turns[0], ascending);
  median = turns[TURNS / 2];
  if (child == 0) _exit(write(told[1], &median, sizeof median) != sizeof median);
  if (read(told[0], &other, sizeof other) != sizeof other) fail("pipe");
  waitpid(child, NULL, 0);
  return median + other;
}

// Microseconds of a pair of calls that open and close a page: the least of the turns.
static double pair_of_calls(int touches) {
  double least = 1e9;
  for (int turn = 0; turn < TURNS; turn++) {
    double from = microseconds();
    for (int each = 0; each < READS; each++) {
      mprotect(keys, PAGE, PROT_READ | PROT_WRITE);
      if (touches) keys[0] = (unsigned char)each;
      mprotect(keys, PAGE, PROT_NONE);
    }
    double taken = (microseconds() - from) / READS;
    if (taken < least) least = taken;
  }
  return least;
}

int main(void) {
  if (sodium_init() < 0) return 1;
  keys = secret_page();
  double idle = pair_of_calls(0);
  printf("a page opened and closed: %.1f us, touched in between: %.1f us\n", idle, pair_of_calls(1));
  for (int callers = 1; callers <= MOST; callers *= MOST) {
    double bare = measure(callers, 0), whole = measure(callers, 1);
    printf("%2d callers: echo %.1f us, read %.1f us, of that pages and ciphers %.1f us\n", callers,
           bare, whole, whole - bare);
  }
  return sum == 0;
}
