// What a forked child can do with an address of its parent. Compiled by runtimes.test.ts.
//
// The child must not return to JavaScript: V8 and JSC keep their compiled code out of forks.
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile unsigned char ordinary;

// 0: it exited after the touch. Otherwise the signal that killed it. Address 0: an ordinary page.
int touch_in_child(uint64_t address, int write) {
  volatile unsigned char *at = address == 0 ? &ordinary : (volatile unsigned char *)address;
  pid_t child = fork();
  if (child == 0) {
    if (write) *at = 0x11;
    else (void)*at;
    _exit(0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}
