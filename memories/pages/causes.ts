import { ERRNO_NAMES } from "../../system/constants.ts";

/** The system calls whose refusals are explained. */
export type Call =
  | "mmap"
  | "mprotect"
  | "mlock"
  | "madvise"
  | "memfd_secret"
  | "ftruncate"
  | "getrandom";

/** What is asked about the process once a call of it was refused. */
export interface CauseFacts {
  /** Whether a filter of system calls (seccomp) is active. Null: it cannot be read. */
  readonly filtered: boolean | null;
  /** The version of Linux, such as `6.1.0`, or null. */
  readonly release: string | null;
  /** Bytes that may be locked, or null when it cannot be read. */
  readonly lockLimit: number | null;
  /** The state of locked memory, with the remedy. */
  explainLocks(): string;
  /** The state of mappings, with the remedy; null when there are some left. */
  explainUsedUpMappings(): string | null;
  /** The state of address space, with the remedy; null when no limit of the process is reached. */
  explainUsedUpAddresses(): string | null;
}

/**
 * Why a call was refused, and what to do about it: `mlock was refused (EPERM): RLIMIT_MEMLOCK is 0; …`.
 *
 * The kernel gives one number for several causes. Which of them it is, is read from the process; what
 * cannot be told apart is named with its alternatives, and a number without a known cause stands alone.
 *
 * @param subject what the caller asked for, where that says more than the call: `MADV_DONTFORK`
 */
export function explainRefusal(
  call: Call,
  errno: number,
  facts: CauseFacts,
  subject: string = call,
): string {
  const name = ERRNO_NAMES[errno] ?? `errno ${errno}`;
  const cause = CAUSES[call][name]?.(facts) ?? COMMON[name]?.(facts, call) ?? null;
  return `${subject} was refused (${name})${cause === null ? "" : `: ${cause}`}`;
}

/** How a call is allowed where the filter is written. */
export function allowRemedy(call: string): string {
  return `allow ${call}: in a systemd unit with SystemCallFilter=@system-service ${call}, in a container with "${call}" in its seccomp profile`;
}

type Cause<Rest extends readonly unknown[] = []> = (
  facts: CauseFacts,
  ...rest: Rest
) => string | null;

/** EPERM has no other cause in the kernel for these calls, unless the tables below say so. */
function filterRefuses({ filtered }: CauseFacts, call: string): string {
  return filtered === false
    ? "the system's security policy forbids it"
    : `a filter of system calls (seccomp) refuses it; ${allowRemedy(call)}`;
}

const noMemory: Cause = (facts) =>
  facts.explainUsedUpMappings() ??
  facts.explainUsedUpAddresses() ??
  "the system, or the container, has no memory for it";

const COMMON: Readonly<Record<string, Cause<[call: string]>>> = {
  EPERM: filterRefuses,
  EACCES: filterRefuses,
  ENOMEM: noMemory,
};

const locks: Cause = (facts) => facts.explainLocks();

const CAUSES: Readonly<Record<Call, Readonly<Record<string, Cause>>>> = {
  mmap: { EAGAIN: locks },
  mprotect: {},
  mlock: {
    // Where the limit is 0, and only there, the kernel says EPERM itself.
    EPERM: (facts) =>
      facts.lockLimit === 0 ? facts.explainLocks() : filterRefuses(facts, "mlock"),
    ENOMEM: (facts) => facts.explainUsedUpMappings() ?? facts.explainLocks(),
    EAGAIN: () => "the system could not bring the pages into memory",
  },
  madvise: { EINVAL: () => "this kernel does not know the request" },
  memfd_secret: {
    ENOSYS: ({ release, filtered }) => {
      if (release !== null && !atLeast(release, 5, 14)) {
        return `it takes Linux 5.14 or newer, and this is ${release}`;
      }
      const kernel =
        "the kernel was built without CONFIG_SECRETMEM, or needs secretmem.enable=1 on its command line (before Linux 6.5)";
      if (filtered === false) return kernel;
      return `${kernel}, or a filter of system calls (seccomp) hides it; ${allowRemedy("memfd_secret")}`;
    },
    EMFILE: () => "the process has no descriptor left (RLIMIT_NOFILE); raise it with ulimit -n",
    ENFILE: () => "the system has no descriptor left (fs.file-max)",
  },
  ftruncate: {
    EFBIG: () => "RLIMIT_FSIZE does not allow a file of that size; raise it with ulimit -f",
  },
  getrandom: {
    ENOSYS: ({ filtered }) =>
      filtered === false
        ? "it takes Linux 3.17 or newer"
        : `a filter of system calls (seccomp) hides it; ${allowRemedy("getrandom")}`,
  },
};

function atLeast(release: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = release.split(".").map((part) => Number.parseInt(part, 10));
  return first > major || (first === major && second >= minor);
}
