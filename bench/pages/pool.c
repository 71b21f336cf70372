// The limit to chase: a pool of memfd_secret pages in C, which does per cycle what the JavaScript
// pool does: open, write, wipe, look at the canary, close. Included by reference.c.
#include <string.h>
#include <sys/syscall.h>

#define POOL_SLOTS 64

static unsigned char *pool[POOL_SLOTS];
static int pool_count = -1;

static void fill_pool(size_t page) {
  pool_count = 0;
  for (int i = 0; i < POOL_SLOTS; i++) {
    int fd = (int)syscall(447, 02000000); // memfd_secret(FD_CLOEXEC)
    if (fd < 0 || ftruncate(fd, (off_t)page) != 0) return;
    unsigned char *base =
        mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mmap(base + page, page, PROT_NONE, MAP_SHARED | MAP_FIXED, fd, 0);
    close(fd);
    pool[pool_count++] = base + page;
  }
}

// Picoseconds of a cycle of two mprotect calls on a slot from the pool. Negative: no memfd_secret.
int64_t pool_cycle(int rounds) {
  static const unsigned char zero[32];
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (pool_count < 0) fill_pool(page);
  if (pool_count == 0) return -1;
  double start = now();
  for (int i = 0; i < rounds; i++) {
    unsigned char *slot = pool[--pool_count];
    volatile unsigned char *bytes = slot + page - 32;
    mprotect(slot, page, PROT_READ | PROT_WRITE);
    bytes[0] = 1;
    explicit_bzero((void *)bytes, 32);
    if (memcmp((void *)bytes, zero, 32) != 0 || memcmp((void *)(bytes - 16), zero, 16) != 0) abort();
    mprotect(slot, page, PROT_NONE);
    pool[pool_count++] = slot;
  }
  return (int64_t)((now() - start) * 1000 / rounds);
}
