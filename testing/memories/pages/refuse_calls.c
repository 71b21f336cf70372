/*
 * Runs a program under a filter of system calls: refuse_calls ACTION CALL[,CALL...] PROGRAM [PARAMETER...].
 * ACTION is `kill`, or the number of the error with which the calls are refused. All others are allowed.
 * A CALL may be narrowed to one value of one parameter, as in madvise:2=16.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#define CALL(name) {#name, SYS_##name}
static const struct { const char *name; unsigned number; } CALLS[] = {
  CALL(add_key), CALL(capset), CALL(clone), CALL(dup2), CALL(epoll_create1), CALL(epoll_ctl), CALL(eventfd2),
  CALL(fchmod), CALL(fchmodat), CALL(fcntl), CALL(fgetxattr), CALL(flock), CALL(fstat), CALL(fsync),
  CALL(ftruncate), CALL(getdents64), CALL(geteuid), CALL(getgroups), CALL(getrandom), CALL(getsockopt),
  CALL(ioctl), CALL(keyctl), CALL(kill), CALL(link), CALL(linkat), CALL(lseek), CALL(madvise),
  CALL(memfd_create), CALL(mkdir), CALL(mkdirat), CALL(mlock), CALL(mlock2), CALL(mmap), CALL(mprotect),
  CALL(mremap), CALL(munlock), CALL(munmap), CALL(newfstatat), CALL(openat), CALL(pipe2), CALL(poll),
  CALL(prctl), CALL(pread64), CALL(prlimit64), CALL(readlink), CALL(readlinkat), CALL(rename),
  CALL(renameat), CALL(renameat2), CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(setsid), CALL(setsockopt),
  CALL(socket), CALL(socketpair), CALL(statx), CALL(unlink), CALL(unlinkat), CALL(wait4), {"clone3", 435},
  {"memfd_secret", 447}, {"openat2", 437}, {"pidfd_open", 434}, {"process_madvise", 440},
};

static unsigned number_of(const char *name) {
  for (unsigned i = 0; i < sizeof CALLS / sizeof *CALLS; i++)
    if (strcmp(CALLS[i].name, name) == 0) return CALLS[i].number;
  fprintf(stderr, "refuse_calls: there is no %s\n", name);
  exit(2);
}

static struct sock_filter filter[200];
static unsigned short length;

static void add(struct sock_filter instruction) {
  filter[length++] = instruction;
}

static void load(size_t offset) {
  add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

/* Goes on only with this value, else past the next `others` instructions. */
static void require(unsigned value, unsigned char others) {
  add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, others));
}

int main(int count, char **parameters) {
  if (count < 4) return 2;
  unsigned action = strcmp(parameters[1], "kill") == 0
    ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_ERRNO | (unsigned)atoi(parameters[1]);
  for (char *call = strtok(parameters[2], ","); call && length < 180; call = strtok(NULL, ",")) {
    char *narrowed = strchr(call, ':');
    if (narrowed) *narrowed++ = 0;
    load(offsetof(struct seccomp_data, nr));
    require(number_of(call), narrowed ? 3 : 1);
    if (narrowed) {
      load(offsetof(struct seccomp_data, args) + 8 * (narrowed[0] - '0'));
      require((unsigned)strtoul(narrowed + 2, NULL, 0), 1);
    }
    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
  }
  add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  struct sock_fprog program = {length, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
    perror("refuse_calls");
    return 2;
  }
  execvp(parameters[3], parameters + 3);
  perror("refuse_calls");
  return 2;
}
