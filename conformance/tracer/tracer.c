// Makes another process do things with its own instructions, and looks at what comes of it.
//
//     tracer peek PID ADDRESS LENGTH             reads as a debugger does (PTRACE_PEEKDATA), and tells
//                                                a digest: the bytes may be a secret
//     tracer load PID ADDRESS                    lets the process read a byte
//     tracer store PID ADDRESS                   lets the process flip the lowest bit of a byte
//     tracer fork PID ADDRESS LENGTH CONTROL     forks it, and lets the child read and write there
//     tracer exec PID                            forks it, and lets the child execute `tracer pause`
//     tracer exits PID                           stops it at its end, when its memory is still there
//     tracer extents FILE                        tells where a file has data, and where only holes
//
// Only the main thread is stopped. What it is made to run stands at the program's entry point, which
// no thread comes to again. A signal that an instruction raised is delivered, as it would have been.
// Exit status 77: this cannot be done here, with the reason on standard error.
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__
#error "it knows the instructions of x86-64 alone"
#endif

enum { CANNOT = 77 };
static const long OPTIONS = PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;

// Each ends in a breakpoint.
static const uint64_t SYSCALL = 0xcc050f; // syscall; int3
static const uint64_t LOAD = 0xcc078a;    // mov al, [rdi]; int3
static const uint64_t STORE = 0xcc0788;   // mov [rdi], al; int3

static pid_t process;
static struct user_regs_struct saved;
static uint64_t entry, saved_text;

static void fail(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vfprintf(stderr, format, values);
  va_end(values);
  exit(CANNOT);
}

static void say(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vprintf(format, values);
  va_end(values);
  putchar('\n');
  fflush(stdout);
}

static int wait_stop(pid_t pid) {
  int status;
  if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status)) fail("the process ended\n");
  return status;
}

static uint64_t entry_point(pid_t pid) {
  char path[64];
  Elf64_auxv_t pair;
  snprintf(path, sizeof path, "/proc/%d/auxv", pid);
  FILE *file = fopen(path, "r");
  while (file != NULL && fread(&pair, sizeof pair, 1, file) == 1)
    if (pair.a_type == AT_ENTRY) return fclose(file), pair.a_un.a_val;
  fail("%s names no entry point\n", path);
  return 0;
}

static void seize(pid_t pid, long options) {
  process = pid;
  if (ptrace(PTRACE_SEIZE, pid, 0, options) != 0) fail("ptrace is refused: %s\n", strerror(errno));
}

static void stop(pid_t pid) {
  entry = entry_point(pid);
  seize(pid, OPTIONS);
  ptrace(PTRACE_INTERRUPT, pid, 0, 0);
  wait_stop(pid);
  ptrace(PTRACE_GETREGS, pid, 0, &saved);
  errno = 0;
  saved_text = ptrace(PTRACE_PEEKTEXT, pid, entry, 0);
  if (errno != 0) fail("the entry point cannot be read: %s\n", strerror(errno));
}

// The registers as they were let the kernel restart the call that the stop interrupted.
static void resume(void) {
  ptrace(PTRACE_POKETEXT, process, entry, saved_text);
  ptrace(PTRACE_SETREGS, process, 0, &saved);
  ptrace(PTRACE_DETACH, process, 0, 0);
}

// Runs `code` with these registers; gives the stop that ended it.
static int run(pid_t pid, uint64_t code, struct user_regs_struct *registers) {
  ptrace(PTRACE_POKETEXT, pid, entry, (saved_text & ~0xffffffULL) | code);
  registers->rip = entry;
  registers->orig_rax = -1;
  ptrace(PTRACE_SETREGS, pid, 0, registers);
  ptrace(PTRACE_CONT, pid, 0, 0);
  int status = wait_stop(pid);
  ptrace(PTRACE_GETREGS, pid, 0, registers);
  return status;
}

// The signal that the instruction raised, or 0.
static int touch(pid_t pid, uint64_t code, uint64_t address, unsigned char *byte) {
  struct user_regs_struct registers = saved;
  registers.rdi = address;
  registers.rax = *byte;
  int status = run(pid, code, &registers);
  *byte = registers.rax & 0xff;
  return WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
}

static struct user_regs_struct for_call(long number, uint64_t a, uint64_t b, uint64_t c) {
  struct user_regs_struct registers = saved;
  registers.rax = number, registers.rdi = a, registers.rsi = b, registers.rdx = c;
  registers.r10 = registers.r8 = 0;
  return registers;
}

static int64_t call(pid_t pid, long number, uint64_t a, uint64_t b, uint64_t c) {
  struct user_regs_struct registers = for_call(number, a, b, c);
  run(pid, SYSCALL, &registers);
  return registers.rax;
}

// A child as fork(2) makes it, but for SIGCHLD, which would be news to the runtime.
static pid_t fork_it(void) {
  struct user_regs_struct registers = for_call(SYS_clone, 0, 0, 0);
  unsigned long child = 0;
  int status = run(process, SYSCALL, &registers);
  if (status >> 8 != (SIGTRAP | (PTRACE_EVENT_CLONE << 8))) fail("it cannot fork\n");
  ptrace(PTRACE_GETEVENTMSG, process, 0, &child);
  ptrace(PTRACE_CONT, process, 0, 0);
  wait_stop(process);
  wait_stop(child);
  return child;
}

static void put_text(pid_t pid, uint64_t address, const char *text) {
  for (size_t at = 0; at <= strlen(text); at += 8) {
    uint64_t word = 0;
    strncpy((char *)&word, text + at, 8);
    ptrace(PTRACE_POKEDATA, pid, address + at, word);
  }
}

static void peek(pid_t pid, uint64_t address, size_t length) {
  stop(pid);
  uint64_t digest = 0xcbf29ce484222325; // FNV-1a
  for (size_t at = 0; at < length; at += 8) {
    errno = 0;
    uint64_t word = ptrace(PTRACE_PEEKDATA, pid, address + at, 0);
    if (errno != 0) {
      say("refused %s", strerror(errno));
      return resume();
    }
    for (size_t byte = at; byte < length && byte < at + 8; byte++, word >>= 8)
      digest = (digest ^ (word & 0xff)) * 0x100000001b3;
  }
  resume();
  say("digest %016llx", (unsigned long long)digest);
}

static void touch_once(pid_t pid, uint64_t address, int write) {
  unsigned char byte = 0;
  stop(pid);
  int fault = touch(pid, LOAD, address, &byte);
  byte ^= 1;
  if (fault == 0 && write) fault = touch(pid, STORE, address, &byte);
  if (fault == 0) {
    resume();
    return say("survived");
  }
  // The instruction stays where it faulted: a handler that returns meets it again.
  ptrace(PTRACE_DETACH, pid, 0, fault);
  say("signal %d", fault);
}

static void fork_and_touch(pid_t pid, uint64_t address, size_t length, uint64_t control) {
  unsigned char before[4096], byte = 0, mine = 0;
  int fault = 0, same = 1, zero = 1;
  stop(pid);
  for (size_t at = 0; at < length; at++)
    if (touch(pid, LOAD, address + at, before + at) != 0) fail("the parent cannot read its pages\n");
  touch(pid, LOAD, control, &mine);
  pid_t child = fork_it();
  fault = touch(child, LOAD, control, &byte);
  say("control %s", fault == 0 && byte == mine ? "same" : "lost");
  for (size_t at = 0; at < length && fault == 0; at++) {
    fault = touch(child, LOAD, address + at, &byte);
    same &= byte == before[at], zero &= byte == 0;
  }
  if (fault != 0) say("read signal %d", fault);
  else say("read %s", zero ? "zero" : same ? "same" : "other");
  byte = before[0] ^ 0xff;
  fault = touch(child, STORE, address, &byte);
  say(fault == 0 ? "write done" : "write signal %d", fault);
  for (size_t at = 0; at < length; at++)
    same = (at == 0 || same) && touch(pid, LOAD, address + at, &byte) == 0 && byte == before[at];
  say("parent %s", same ? "unchanged" : "changed");
  kill(child, SIGKILL);
  resume();
}

static void fork_and_execute(pid_t pid, const char *self) {
  stop(pid);
  pid_t child = fork_it();
  resume();
  uint64_t stack = (saved.rsp - 8192) & ~15ULL;
  put_text(child, stack, "control");
  put_text(child, stack + 64, "pause");
  put_text(child, stack + 128, self);
  uint64_t parameters[] = {stack + 128, stack + 64, 0};
  for (int at = 0; at < 3; at++)
    ptrace(PTRACE_POKEDATA, child, stack + 16 + 8 * at, parameters[at]);
  int64_t control = call(child, SYS_memfd_create, stack, 0, 0);
  struct user_regs_struct registers = for_call(SYS_execve, stack + 128, stack + 16, 0);
  int status = run(child, SYSCALL, &registers);
  if (status >> 8 != (SIGTRAP | (PTRACE_EVENT_EXEC << 8))) fail("the child cannot execute\n");
  say("child %d %d", child, (int)control);
  getchar();
  kill(child, SIGKILL);
}

static void watch_exit(pid_t pid) {
  seize(pid, PTRACE_O_TRACEEXIT);
  say("ready");
  for (;;) {
    int status = wait_stop(pid);
    if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXIT << 8))) break;
    int event = status >> 16;
    ptrace(PTRACE_CONT, pid, 0, event == 0 ? WSTOPSIG(status) : 0);
  }
  say("exiting");
  getchar();
  ptrace(PTRACE_DETACH, pid, 0, 0);
}

static void extents(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) fail("%s: %s\n", path, strerror(errno));
  for (off_t end = 0;;) {
    off_t start = lseek(file, end, SEEK_DATA);
    if (start < 0) {
      if (errno != ENXIO) fail("%s: %s\n", path, strerror(errno));
      return say("end");
    }
    end = lseek(file, start, SEEK_HOLE);
    say("data %lld %lld", (long long)start, (long long)end);
  }
}

int main(int count, char **words) {
  const char *order = count > 1 ? words[1] : "";
  if (strcmp(order, "pause") == 0) return sleep(60);
  if (count < 3) fail("usage: see the first lines of tracer.c\n");
  if (strcmp(order, "extents") == 0) return extents(words[2]), 0;
  uint64_t numbers[4] = {0};
  for (int at = 2; at < count && at < 6; at++) numbers[at - 2] = strtoull(words[at], NULL, 0);
  if (numbers[1] != 0 && numbers[2] > 4096) fail("at most a page\n");
  pid_t pid = numbers[0];
  if (strcmp(order, "peek") == 0) peek(pid, numbers[1], numbers[2]);
  else if (strcmp(order, "load") == 0) touch_once(pid, numbers[1], 0);
  else if (strcmp(order, "store") == 0) touch_once(pid, numbers[1], 1);
  else if (strcmp(order, "fork") == 0) fork_and_touch(pid, numbers[1], numbers[2], numbers[3]);
  else if (strcmp(order, "exec") == 0) fork_and_execute(pid, words[0]);
  else if (strcmp(order, "exits") == 0) watch_exit(pid);
  else fail("no such order: %s\n", order);
  return 0;
}
