/*
 * Continues a program twice from one image of its memory: continue_twice PROGRAM [PARAMETER...].
 *
 * It is what a snapshot of a virtual machine or CRIU comes to, in place: the program writes a line when it
 * is ready and reads its standard input. There its threads are stopped, and their registers and all that
 * may be written in its memory are kept. Then it goes on, with a line of input, to the next line that it
 * writes. Then all that is put back, and it goes on once more. Each line is printed, and the program killed.
 *
 * Pages that a debugger may not read (memfd_secret(2)) stay as they are. What the kernel has of the
 * process stays, too: it should open, map and start nothing between the two lines.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_THREADS = 256, MOST_MAPPINGS = 4096, PAGE = 4096, MOST_STATE = 16384 };

static pid_t program;
static int memory_fd, pagemap_fd;

struct registers { int type; size_t length; char bytes[MOST_STATE]; };
struct thread { pid_t id; struct registers sets[2]; };
static struct thread threads[MOST_THREADS];
static int thread_count;

struct page { uint64_t address; char bytes[PAGE]; };
static struct page *pages;
static size_t page_count, page_room;
static struct { uint64_t start, end; } mappings[MOST_MAPPINGS];
static int mapping_count;

static void fail(const char *what) {
  perror(what);
  if (program > 0) kill(program, SIGKILL);
  exit(1);
}

static FILE *open_proc(const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", program, name);
  FILE *file = fopen(path, "r");
  if (file == NULL) fail(path);
  return file;
}

static pid_t held[MOST_THREADS];
static int held_count;

/* Stops every thread, also those that come meanwhile. */
static void stop(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", program);
  for (int found = 1; found > 0;) {
    found = 0;
    DIR *tasks = opendir(path);
    if (tasks == NULL) fail(path);
    for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
      pid_t id = atoi(entry->d_name);
      if (id == 0) continue;
      int known = 0;
      for (int i = 0; i < held_count; i++) known |= held[i] == id;
      if (known) continue;
      if (held_count == MOST_THREADS) fail("threads");
      if (ptrace(PTRACE_SEIZE, id, 0, 0) != 0) continue;
      held[held_count++] = id;
      found++;
    }
    closedir(tasks);
  }
  for (int i = 0; i < held_count; i++) {
    if (ptrace(PTRACE_INTERRUPT, held[i], 0, 0) != 0) continue;
    int status;
    if (waitpid(held[i], &status, __WALL) != held[i]) fail("waitpid");
  }
}

/* Lets go of them: a signal between threads would stop who is traced. */
static void go(void) {
  for (int i = 0; i < held_count; i++) ptrace(PTRACE_DETACH, held[i], 0, 0);
  held_count = 0;
}

static const int SETS[2] = {NT_PRSTATUS,
#ifdef __x86_64__
  NT_X86_XSTATE,
#else
  NT_PRFPREG,
#endif
};

static void keep_threads(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", program);
  DIR *tasks = opendir(path);
  for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
    pid_t id = atoi(entry->d_name);
    if (id == 0) continue;
    struct thread *thread = &threads[thread_count++];
    thread->id = id;
    for (int i = 0; i < 2; i++) {
      struct registers *set = &thread->sets[i];
      struct iovec place = {set->bytes, sizeof set->bytes};
      set->type = SETS[i];
      if (ptrace(PTRACE_GETREGSET, id, SETS[i], &place) != 0) fail("PTRACE_GETREGSET");
      set->length = place.iov_len;
    }
  }
  closedir(tasks);
}

/* Whether anything was ever written to a page: else it is zero, or as in its file. */
static uint64_t *present(uint64_t start, uint64_t end) {
  size_t count = (end - start) / PAGE;
  uint64_t *entries = calloc(count, sizeof *entries);
  if (entries == NULL) fail("calloc");
  for (size_t done = 0; done < count * 8;) {
    ssize_t length = pread(pagemap_fd, (char *)entries + done, count * 8 - done, start / PAGE * 8 + done);
    if (length <= 0) fail("pagemap");
    done += length;
  }
  return entries;
}

static const uint64_t HERE = UINT64_C(3) << 62; /* in memory, or swapped */

static void keep_pages(void) {
  FILE *maps = open_proc("maps");
  char line[512];
  while (fgets(line, sizeof line, maps) != NULL) {
    uint64_t start, end;
    char access[8];
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &start, &end, access) != 3) continue;
    if (access[3] != 'p' || strstr(line, "[v") != NULL) continue;
    if (access[1] != 'w' && access[0] == 'r') continue;
    if (mapping_count == MOST_MAPPINGS) fail("mappings");
    mappings[mapping_count].start = start;
    mappings[mapping_count++].end = end;
    uint64_t *entries = present(start, end);
    for (uint64_t at = start; at < end; at += PAGE) {
      if ((entries[(at - start) / PAGE] & HERE) == 0) continue;
      if (page_count == page_room) {
        page_room = page_room * 2 + 4096;
        pages = realloc(pages, page_room * sizeof *pages);
        if (pages == NULL) fail("realloc");
      }
      if (pread(memory_fd, pages[page_count].bytes, PAGE, at) != PAGE) continue;
      pages[page_count++].address = at;
    }
    free(entries);
  }
  fclose(maps);
}

/* What is as it was is not written: most pages are, and writing would take as long as reading them again. */
static void put_back(void) {
  static char now[PAGE];
  static const char zeros[PAGE];
  size_t next = 0;
  for (int i = 0; i < mapping_count; i++) {
    uint64_t start = mappings[i].start, end = mappings[i].end;
    uint64_t *entries = present(start, end);
    for (uint64_t at = start; at < end; at += PAGE) {
      const char *bytes = NULL;
      if (next < page_count && pages[next].address == at) bytes = pages[next++].bytes;
      else if ((entries[(at - start) / PAGE] & HERE) != 0) bytes = zeros;
      if (bytes == NULL || pread(memory_fd, now, PAGE, at) != PAGE) continue;
      if (memcmp(now, bytes, PAGE) == 0) continue;
      if (pwrite(memory_fd, bytes, PAGE, at) != PAGE) fail("pwrite");
    }
    free(entries);
  }
  for (int t = 0; t < thread_count; t++)
    for (int i = 0; i < 2; i++) {
      struct registers *set = &threads[t].sets[i];
      struct iovec place = {set->bytes, set->length};
      if (ptrace(PTRACE_SETREGSET, threads[t].id, set->type, &place) != 0) fail("PTRACE_SETREGSET");
    }
}

static void read_line(FILE *output, char *line, size_t length) {
  if (fgets(line, length, output) == NULL) {
    fprintf(stderr, "continue_twice: the program ended\n");
    kill(program, SIGKILL);
    exit(1);
  }
}

int main(int count, char **values) {
  if (count < 2) return 2;
  int in[2], out[2];
  if (pipe(in) != 0 || pipe(out) != 0) fail("pipe");
  program = fork();
  if (program == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    for (int fd = 3; fd < 32; fd++) close(fd);
    execvp(values[1], values + 1);
    perror(values[1]);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  FILE *output = fdopen(out[0], "r");
  static char line[65536];
  read_line(output, line, sizeof line);
  usleep(300000); /* until it reads, and the threads beside it have come to rest */
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", program);
  memory_fd = open(path, O_RDWR);
  snprintf(path, sizeof path, "/proc/%d/pagemap", program);
  pagemap_fd = open(path, O_RDONLY);
  if (memory_fd < 0 || pagemap_fd < 0) fail(path);
  stop();
  keep_threads();
  keep_pages();
  for (int turn = 0; turn < 2; turn++) {
    if (turn > 0) {
      stop();
      put_back();
    }
    go();
    if (write(in[1], "go\n", 3) != 3) fail("write");
    read_line(output, line, sizeof line);
    fputs(line, stdout);
    fflush(stdout);
    if (turn == 0) usleep(100000); /* until it reads again */
  }
  kill(program, SIGKILL);
  return 0;
}
