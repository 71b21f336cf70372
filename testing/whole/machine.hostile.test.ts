import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deriveInto } from "../../conformance/mod.ts";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../features/prompt/pty.ts";
import {
  compileFilter,
  type Filter,
  type Life,
  liveThrough,
  NO_FILTER,
} from "../memories/pages/hostile.ts";

const PROBE = `${ROOT}testing/whole/machine_probe.ts`;
const UNSHARE = ["/usr/bin/unshare", "-m", "/bin/sh", "-c"];
const MISSING =
  process.platform !== "linux"
    ? "Linux"
    : process.getuid?.() !== 0
      ? "root"
      : spawnSync("/usr/bin/unshare", ["-m", "true"]).status !== 0
        ? "unshare(1)"
        : "";
const NOT_RUN = MISSING === "" ? "" : `NOT RUN, it takes ${MISSING}: `;

/** A machine, and what may fail there: steps of the probe, and what must then be said. */
interface Machine {
  readonly name: string;
  readonly around?: () => readonly string[];
  readonly env?: () => NodeJS.ProcessEnv;
  /** Limits that are set once the runtime has started, as prlimit(1) takes them. */
  readonly limits?: (pid: number, runtime: string) => readonly string[];
  readonly fails?: RegExp;
  readonly says?: RegExp;
}

const changed = (script: string) => (): readonly string[] => [
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

const MACHINES: readonly Machine[] = [
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
    env: () => ({ TMPDIR: "/tmp/none", HOME: join(folder, "none") }),
  },
  {
    name: "with a read-only root",
    around: changed(`mkdir -p $0 && mount --bind / $0 && mount -o remount,bind,ro $0 &&
mount --rbind /proc $0/proc && mount --rbind /dev $0/dev && exec /usr/sbin/chroot $0 "$@"`),
    fails: /^create$/,
    says: /EROFS/,
  },
  { name: "without /dev", around: changed("mount -t tmpfs none /dev") },
  ...LIMITS.map((limit): Machine => ({ name: `with a limit of ${limit}`, limits: () => [limit] })),
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
      around: () => filter?.around(action, calls) ?? [],
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
];

let folder = "";
let filter: Filter | undefined;
let typed = "";
let given = new Uint8Array();
beforeAll(() => {
  folder = mkdtempSync("/var/tmp/lethe-machine-");
  const bytes = new Uint8Array(64);
  deriveInto(7301, bytes);
  typed = `\n${Buffer.from(bytes).toString("hex")}\n`;
  given = bytes;
  writeFileSync(join(folder, "empty.mjs"), `import "node:process";`);
  if (NO_FILTER === "") filter = compileFilter();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  filter?.remove();
});

/** Whether the runtime itself runs a program there that is empty: Deno and Bun do not without /proc. */
function starts(around: readonly string[], name: string): boolean {
  const [file = "", ...rest] = [...around, ...(RUNTIMES[name] ?? []), join(folder, "empty.mjs")];
  return spawnSync(file, rest).status === 0;
}

async function lifeOn(machine: Machine, runtime: string): Promise<Life | null> {
  const around = machine.around?.() ?? [];
  if (!starts(around, runtime)) return null;
  const env = machine.env?.();
  const keys = mkdtempSync(join(folder, "keys-"));
  writeFileSync(join(keys, "given"), given, { mode: 0o400 });
  return await liveThrough({
    around,
    runtime,
    typed,
    words: [PROBE, keys],
    ...(env === undefined ? {} : { env }),
    ready: (pid) => {
      for (const limit of machine.limits?.(pid, runtime) ?? []) {
        const { status, stderr } = spawnSync("/usr/bin/prlimit", ["--pid", `${pid}`, `--${limit}`]);
        if (status !== 0) throw new Error(`${stderr}`);
      }
    },
  });
}

const CASES = MACHINES.flatMap((machine) => INSTALLED.map((runtime) => ({ ...machine, runtime })));

describe.skipIf(MISSING !== "" || !SOAK)(`${NOT_RUN}on a machine`, () => {
  it.for(CASES)(
    "$name: $runtime does its work, or says what it lacks",
    async (machine, context) => {
      const life = await lifeOn(machine, machine.runtime);
      if (life === null) return context.skip(`${machine.runtime} itself does not start there`);
      const failed = Object.entries(life.steps).filter(([, end]) => end !== "ok");
      expect([life.code, life.signal, life.stderr]).toEqual([0, null, ""]);
      expect(life.residue).toBe(0);
      // Both optional modules are: a machine that keeps a runtime from opening them is another reason.
      expect(life.reasons).not.toMatch(/is not installed|ERR_INVALID_PACKAGE_CONFIG/);
      expect(failed.filter(([step]) => machine.fails?.test(step) !== true)).toEqual([]);
      for (const [, end] of failed) expect(end).toMatch(/^ERR_LETHE_[A-Z_]+$/);
      if (failed.length > 0 && machine.says) expect(life.reasons).toMatch(machine.says);
    },
  );
});
