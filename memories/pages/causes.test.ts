import { describe, expect, it } from "vitest";
import { ERRNO_NAMES } from "../../system/constants.ts";
import { type Call, type CauseFacts, explainRefusal } from "./causes.ts";

/** A process in which nothing is used up. */
const ROOMY: CauseFacts = {
  filtered: false,
  release: "6.1.0-13-amd64",
  lockLimit: 65_536,
  explainLocks: () => "LOCKS",
  explainUsedUpMappings: () => null,
  explainUsedUpAddresses: () => null,
};
const FILTERED: CauseFacts = { ...ROOMY, filtered: true };
const OLD: CauseFacts = { ...ROOMY, release: "5.10.0" };
const NO_LOCKS: CauseFacts = { ...ROOMY, lockLimit: 0 };
const FULL: CauseFacts = { ...ROOMY, explainUsedUpMappings: () => "MAPPINGS" };
const BOUNDED: CauseFacts = { ...ROOMY, explainUsedUpAddresses: () => "ADDRESSES" };
const UNTOLD: CauseFacts = { ...ROOMY, filtered: null, release: null };

const errno = (name: string): number =>
  Number(Object.entries(ERRNO_NAMES).find(([, each]) => each === name)?.[0]);

const TABLE: readonly (readonly [Call, string, CauseFacts, RegExp])[] = [
  [
    "memfd_secret",
    "EPERM",
    FILTERED,
    /seccomp\) refuses it; allow memfd_secret: .*SystemCallFilter/,
  ],
  ["memfd_secret", "EPERM", UNTOLD, /seccomp\) refuses it/],
  ["memfd_secret", "EPERM", ROOMY, /: the system's security policy forbids it$/],
  ["memfd_secret", "EACCES", ROOMY, /: the system's security policy forbids it$/],
  ["memfd_secret", "ENOSYS", OLD, /: it takes Linux 5.14 or newer, and this is 5.10.0$/],
  ["memfd_secret", "ENOSYS", ROOMY, /secretmem.enable=1 on its command line \(before Linux 6.5\)$/],
  ["memfd_secret", "ENOSYS", FILTERED, /secretmem.enable=1.*, or a filter .* hides it; allow/],
  ["memfd_secret", "EMFILE", ROOMY, /RLIMIT_NOFILE.*ulimit -n$/],
  ["memfd_secret", "ENFILE", ROOMY, /fs.file-max/],
  ["memfd_secret", "ENOMEM", ROOMY, /: the system, or the container, has no memory for it$/],
  ["ftruncate", "EPERM", FILTERED, /refuses it; allow ftruncate/],
  ["ftruncate", "EFBIG", ROOMY, /RLIMIT_FSIZE.*ulimit -f$/],
  ["mmap", "EAGAIN", ROOMY, /^mmap was refused \(EAGAIN\): LOCKS$/],
  ["mmap", "ENOMEM", FULL, /: MAPPINGS$/],
  ["mmap", "ENOMEM", BOUNDED, /: ADDRESSES$/],
  ["mmap", "ENOMEM", ROOMY, /has no memory for it$/],
  ["mmap", "EPERM", FILTERED, /refuses it; allow mmap/],
  ["mlock", "EPERM", NO_LOCKS, /^mlock was refused \(EPERM\): LOCKS$/],
  ["mlock", "EPERM", FILTERED, /refuses it; allow mlock/],
  ["mlock", "ENOMEM", ROOMY, /^mlock was refused \(ENOMEM\): LOCKS$/],
  ["mlock", "ENOMEM", FULL, /: MAPPINGS$/],
  ["mlock", "EAGAIN", ROOMY, /could not bring the pages into memory$/],
  ["mprotect", "ENOMEM", FULL, /: MAPPINGS$/],
  ["mprotect", "ENOMEM", ROOMY, /has no memory for it$/],
  ["mprotect", "EACCES", FILTERED, /refuses it; allow mprotect/],
  ["madvise", "EINVAL", ROOMY, /: this kernel does not know the request$/],
  ["madvise", "EPERM", FILTERED, /refuses it; allow madvise/],
  ["madvise", "ENOMEM", FULL, /: MAPPINGS$/],
  ["getrandom", "ENOSYS", ROOMY, /: it takes Linux 3.17 or newer$/],
  ["getrandom", "ENOSYS", FILTERED, /hides it; allow getrandom/],
  ["getrandom", "EPERM", FILTERED, /refuses it; allow getrandom/],
];

describe("why a call was refused", () => {
  it.each(TABLE)("%s %s", (call, name, facts, sentence) => {
    const explained = explainRefusal(call, errno(name), facts);
    expect(explained).toMatch(sentence);
    expect(explained.startsWith(`${call} was refused (${name})`)).toBe(true);
    // A limit is named where it was looked at, and nowhere else.
    if (!/LOCKS|NOFILE|FSIZE/.test(explained)) expect(explained).not.toContain("ulimit");
  });

  it("stands alone where no cause is known", () => {
    expect(explainRefusal("mlock", 133, ROOMY)).toBe("mlock was refused (errno 133)");
    expect(explainRefusal("mmap", errno("EINVAL"), ROOMY)).toBe("mmap was refused (EINVAL)");
  });

  it("names what was asked for, where the call says less", () => {
    expect(explainRefusal("madvise", errno("EINVAL"), ROOMY, "MADV_DONTFORK")).toMatch(
      /^MADV_DONTFORK was refused \(EINVAL\): this kernel/,
    );
  });
});
