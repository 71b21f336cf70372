/*
 * What Debian's libstdc++ and libgcc_s, made for glibc, need of it and musl does not have. With this they carry
 * a program for musl, where no C++ library for musl is to be had.
 */
#define _GNU_SOURCE
#include <link.h>
#include <stdint.h>
#include <sys/random.h>
#include <time.h>

char __libc_single_threaded = 0;
struct { unsigned words[4]; } __cpu_model;
unsigned __cpu_features2[4];
int __cpu_indicator_init(void) { return 0; }

uint32_t arc4random(void) {
  uint32_t word;
  while (getrandom(&word, sizeof word, 0) != sizeof word) {}
  return word;
}

size_t __strftime_l(char *text, size_t most, const char *format, const struct tm *time, locale_t locale) {
  return strftime_l(text, most, format, time, locale);
}

/* Destructors of thread-local objects do not run: a thread's memory goes with the process. */
int __cxa_thread_atexit_impl(void (*function)(void *), void *object, void *library) { return 0; }

/* dl_find_object(3), as far as libgcc's unwinder reads it. */
struct found {
  unsigned long long flags;
  void *start, *end;
  struct link_map *map;
  void *eh_frame;
  unsigned long long reserved[7];
};
struct search { uintptr_t address; struct found *found; };

static int look(struct dl_phdr_info *info, size_t size, void *given) {
  struct search *search = given;
  uintptr_t eh_frame = 0, start = 0, end = 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    uintptr_t at = info->dlpi_addr + header->p_vaddr;
    if (header->p_type == PT_GNU_EH_FRAME) eh_frame = at;
    if (header->p_type != PT_LOAD || search->address < at || search->address >= at + header->p_memsz) continue;
    start = at;
    end = at + header->p_memsz;
  }
  if (!start || !eh_frame) return 0;
  *search->found = (struct found){0, (void *)start, (void *)end, 0, (void *)eh_frame};
  return 1;
}

int _dl_find_object(void *address, struct found *found) {
  struct search search = {(uintptr_t)address, found};
  return dl_iterate_phdr(look, &search) ? 0 : -1;
}
