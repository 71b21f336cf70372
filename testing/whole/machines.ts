/** Machines that lack something, and what of Lethe may fail there. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Filter } from "../memories/pages/hostile.ts";

const UNSHARE = ["/usr/bin/unshare", "-m", "/bin/sh", "-c"];

/** What a machine is made with. */
export interface MachinePlace {
  /** A folder for what is mounted. */
  readonly folder: string;
  readonly filter: Filter;
}

/** A machine, and what may fail there: steps of the probe, and what must then be said. */
export interface Machine {
  readonly name: string;
  readonly around?: (place: MachinePlace) => readonly string[];
  readonly env?: (place: MachinePlace) => NodeJS.ProcessEnv;
  /** Limits that are set once the runtime has started, as prlimit(1) takes them. */
  readonly limits?: (pid: number, runtime: string) => readonly string[];
  readonly fails?: RegExp;
  readonly says?: RegExp;
}

const changed =
  (script: string) =>
  ({ folder }: MachinePlace): readonly string[] => [
    ...UNSHARE,
    `${script} && exec "$@"`,
    join(folder, "layer"),
  ];
const HELPERS = "sh dash bash env setpriv prlimit stty mkfifo flock mv ln";
const status = (pid: number, name: string): number =>
  Number(
    new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1],
  ) * 1024;

/** Those of prlimit(1) that refuse nothing that Lethe needs. */
const LIMITS = [
  ...["core=0", "cpu=600", "locks=0", "memlock=0", "memlock=8192", "memlock=65536", "msgqueue=0"],
  ...["nice=0", "nproc=0", "rss=0", "rtprio=0", "rttime=1000000", "sigpending=0", "stack=65536"],
];
const SMALL_FILES = {
  says: /the limit of file sizes is reached; raise it with ulimit -f \(EFBIG\)/,
};

const highest = (pid: number): number => Math.max(...readdirSync(`/proc/${pid}/fd`).map(Number));

/** What a filter of system calls refuses, or kills for. Those that only memories make have a test of their own. */
const FILTERS: readonly (readonly [action: string, calls: string, fails?: RegExp])[] = [
  ["kill", "memfd_secret"],
  ["1", "flock"],
  ["38", "flock"],
  ["1", "linkat"],
  ["1", "renameat2"],
  ["38", "renameat2"],
  ["1", "renameat2,linkat"],
  ["1", "fgetxattr"],
  ["38", "fgetxattr"],
  ["1", "statx", /^(read|inspect|create)$/],
  // Node then has no random bytes either; Bun does not run a program.
  ["38", "getrandom", /^(random|agree|encrypt|box|seal|create|rotate|seal file)$/],
  ["1", "prctl"],
];

export const MACHINES: readonly Machine[] = [
  { name: "that lacks nothing" },
  {
    name: "without /proc",
    around: changed("mount -t tmpfs none /proc"),
    // Node opens a pipe once more there, to read it without waiting.
    fails: /^prompt$/,
  },
  {
    name: "with a /proc of processes alone",
    around: changed("mount -t proc -o subset=pid,hidepid=2 none /proc"),
  },
  {
    name: "without a shell and helpers",
    around: changed(`mkdir -p $0 && mount -t tmpfs none $0 && mkdir $0/u $0/w &&
mount -t overlay overlay -o lowerdir=/usr/bin,upperdir=$0/u,workdir=$0/w /usr/bin &&
cd /usr/bin && rm -f ${HELPERS} && cd /`),
  },
  {
    name: "without a temporary folder and a home",
    around: changed("mount -t tmpfs -o ro none /tmp && mount -t tmpfs -o ro none /dev/shm"),
    env: ({ folder }) => ({ TMPDIR: "/tmp/none", HOME: join(folder, "none") }),
  },
  {
    name: "with a read-only root",
    around: changed(`mkdir -p $0 && mount --bind / $0 && mount -o remount,bind,ro $0 &&
mount --rbind /proc $0/proc && mount --rbind /dev $0/dev && exec /usr/sbin/chroot $0 "$@"`),
    fails: /^create$/,
    says: /EROFS/,
  },
  { name: "without /dev", around: changed("mount -t tmpfs none /dev") },
  { ...SMALL_FILES, name: "with a limit of fsize=0", limits: () => ["fsize=0"], fails: /^create$/ },
  {
    ...SMALL_FILES,
    name: "with a limit of fsize=64",
    limits: () => ["fsize=64"],
    // It stays what it was: plain, which is then no sealed one.
    fails: /^(seal|open) file$/,
  },
  {
    name: "with no descriptor left",
    // Deno itself opens /proc/self/maps now and then, and panics: it keeps what is free between two others.
    limits: (pid, runtime) => [`nofile=${runtime === "deno" ? highest(pid) + 1 : 3}`],
    fails: /^(crypto|read|inspect|create|prompt)$/,
    says: /EMFILE/,
  },
  ...FILTERS.map(
    ([action, calls, fails]): Machine => ({
      name: `whose filter answers ${calls} with ${action}`,
      around: ({ filter }) => filter.around(action, calls),
      ...(fails === undefined ? {} : { fails }),
    }),
  ),
  {
    name: "with 64 MiB of addresses left",
    limits: (pid) => [`as=${status(pid, "VmSize") + 2 ** 26}`],
  },
  {
    name: "with 64 MiB of data left",
    limits: (pid) => [`data=${status(pid, "VmData") + 2 ** 26}`],
  },
  ...LIMITS.map((limit): Machine => ({ name: `with a limit of ${limit}`, limits: () => [limit] })),
];
