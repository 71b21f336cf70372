import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installLethe } from "../../../testing/features/custodian/installed.ts";
import { Plant } from "../../../testing/features/custodian/plant.ts";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../../../testing/features/prompt/pty.ts";

const APPLICATION = `${ROOT}testing/features/custodian/planted_application.mjs`;
const has = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;
const missing =
  process.platform !== "linux"
    ? "Linux"
    : has("cc")
      ? null
      : "a C compiler, which makes the library";
const notRun = missing === null ? "" : `NOT RUN, it takes ${missing}: `;
const isRoot = process.getuid?.() === 0;

/** `npm run soak` takes every runtime. */
const CHOSEN = INSTALLED.filter((name) => SOAK || name === "node-24");
/** The application finds its own way: what is planted for it is not looked at here. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  deno: ["--no-config", "--no-lock"],
  bun: ["--tsconfig-override=/dev/null"],
};
/** What the custodian's process has in its environment, and nothing else. */
const VARIABLES = ["HOME", "LD_BIND_NOW", "LETHE_CUSTODIAN_OF", "NO_COLOR"];
const RUNTIME_VARIABLES: Readonly<Record<string, readonly string[]>> = {
  deno: ["DENO_DIR", "DENO_EXTRA_STDIO_FDS", "DENO_NO_UPDATE_CHECK"],
  bun: ["BUN_ENABLE_CRASH_REPORTING", "BUN_RUNTIME_TRANSPILER_CACHE_PATH", "DO_NOT_TRACK"],
};
/** Options of spawn() and variables, on the prototype of every object. */
const POLLUTION = (folder: string): Readonly<Record<string, unknown>> => ({
  shell: `${folder}/evil/shell`,
  argv0: "planted",
  cwd: `${folder}/cwd`,
  detached: true,
  uid: 65_533,
  gid: 65_533,
  timeout: 1,
  killSignal: "SIGKILL",
  LD_PRELOAD: `${folder}/evil/library.so`,
  NODE_OPTIONS: `--require=${folder}/evil/NODE_OPTIONS.cjs`,
  BUN_OPTIONS: `--preload=${folder}/evil/BUN_OPTIONS.cjs`,
  DENO_DIR: `${folder}/evil/deno`,
  runtime: "/bin/false",
  program: `${folder}/cwd/custodian_main.js`,
});

let folder = "";
let plant: Plant;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-plant-"));
  plant = new Plant(folder);
  for (const place of ["cwd", "home", "up"]) plant.files(join(folder, place));
  for (const place of ["cwd", "home"]) plant.packages(join(folder, place));
  mkdirSync(join(folder, "up/project"));
  plant.files(join(folder, "up/project"));
  installLethe(join(folder, "up/project"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function environment(): NodeJS.ProcessEnv {
  return { ...plant.variables(join(folder, "home")), PLANTED: "1" };
}

interface Opened {
  readonly application: number;
  readonly custodian: number;
  close(): Promise<void>;
}

async function open(
  name: string,
  around: readonly string[] = [],
  pollution: Readonly<Record<string, unknown>> = {},
): Promise<Opened> {
  const kind = name.startsWith("node") ? "node" : name;
  const lethe = join(folder, `up/project/node_modules/lethe/dist/adapters/${kind}/mod.js`);
  const [file = "", ...words] = [...(RUNTIMES[name] ?? []), ...(OWN[name] ?? [])];
  const application = [file, ...words, APPLICATION, lethe, JSON.stringify(pollution)];
  const [first = "", ...rest] = [...around, ...application];
  const child = spawn(first, rest, { cwd: join(folder, "cwd"), env: environment() });
  children.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      text += chunk;
    });
  }
  await expect.poll(() => text, { timeout: 10_000 }).toMatch(/^opened \d+ \d+$/m);
  const [, pid, custodian] = /^opened (\d+) (\d+)$/m.exec(text) ?? [];
  return {
    application: Number(pid),
    custodian: Number(custodian),
    async close() {
      child.stdin.end();
      await new Promise((resolve) => child.once("close", resolve));
      expect(text).toContain("closed 0");
    },
  };
}

/** Processes in which something planted ran, with what it was. */
function ran(): readonly (readonly [pid: number, what: string])[] {
  const lines = readFileSync(plant.log, "utf8").trim().split("\n");
  return lines.filter(Boolean).map((line) => {
    const [pid, ...what] = line.split(" ");
    return [Number(pid), what.join(" ")];
  });
}

/** Files that a process has open or mapped. */
function filesOf(pid: number): readonly string[] {
  const descriptors = readdirSync(`/proc/${pid}/fd`).map((one) => `/proc/${pid}/fd/${one}`);
  const mapped = readFileSync(`/proc/${pid}/maps`, "utf8").match(/\/.*$/gm) ?? [];
  return [...descriptors.map((path) => readlinkSync(path)), ...mapped];
}

describe.skipIf(missing !== null).each(CHOSEN)(`${notRun}with everything planted, %s`, (name) => {
  it("runs none of it in the custodian, nor in what starts it", async () => {
    const { application, custodian, close } = await open(name);
    const processes = new Set(ran().map(([pid]) => pid));
    // The control: the library runs in the application, which was started with LD_PRELOAD.
    expect(processes).toEqual(new Set([application]));
    if (isRoot) {
      expect(readlinkSync(`/proc/${custodian}/cwd`)).toBe("/");
      const variables = readFileSync(`/proc/${custodian}/environ`, "utf8").split("\0");
      const names = variables.filter(Boolean).map((one) => one.split("=")[0]);
      expect(names.sort()).toEqual([...VARIABLES, ...(RUNTIME_VARIABLES[name] ?? [])].sort());
      const program = join(folder, "up/project/node_modules/lethe");
      const planted = filesOf(custodian).filter((path) => path.startsWith(folder));
      expect(planted.filter((path) => !path.startsWith(program))).toEqual([]);
    }
    await close();
    expect(new Set(ran().map(([pid]) => pid))).toEqual(new Set([application]));
    const coverage = join(folder, "evil/coverage");
    const written = name.startsWith("node") ? readdirSync(coverage) : [];
    expect(written.filter((file) => !file.startsWith(`coverage-${application}-`))).toEqual([]);
  });

  // Deno itself does not start there.
  it.skipIf(!SOAK || name === "deno")("opens where the current folder is gone", async () => {
    const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"';
    const { close } = await open(name, ["/bin/sh", "-c", script, "sh"]);
    await close();
  });

  it.runIf(SOAK)("runs none of what stands on the prototype of every object", async () => {
    const { application, close } = await open(name, [], POLLUTION(folder));
    await close();
    expect(new Set(ran().map(([pid]) => pid))).toEqual(new Set([application]));
  });
});

describe.skipIf(missing !== null || !SOAK).each(INSTALLED)(
  `${notRun}the control: the program of %s, started as its application is,`,
  (name) => {
    it("runs what is planted", () => {
      const kind = name.startsWith("node") ? "node" : name;
      const program = join(
        folder,
        `up/project/node_modules/lethe/dist/adapters/${kind}/custodian_main.js`,
      );
      const [file = "", ...words] = RUNTIMES[name] ?? [];
      const { LD_AUDIT: _, ...env } = environment();
      spawnSync(file, [...words, program], { cwd: join(folder, "cwd"), env, timeout: 20_000 });
      const what = ran().map(([, one]) => one.split(" ")[0]);
      const expected: Readonly<Record<string, readonly string[]>> = {
        node: ["library.so", "NODE_OPTIONS"],
        bun: ["library.so", `${folder}/cwd/bunfig.toml`],
        deno: ["library.so"],
      };
      expect(what).toEqual(expect.arrayContaining([...(expected[kind] ?? [])]));
    });
  },
);

const traceable = missing ?? (has("strace") ? null : "strace(1)");
const noTrace = traceable === null ? "" : `NOT RUN, it takes ${traceable}: `;

/** Opens a custodian under strace(1), and gives the files that it opened and that are not its own. */
async function strangers(name: string, around: readonly string[] = []): Promise<readonly string[]> {
  const trace = join(folder, "trace");
  const strace = ["/usr/bin/strace", "-ff", "-o", trace, "-e", "trace=open,openat,socket", "--"];
  const { custodian, close } = await open(name, [...around, ...strace]);
  await close();
  const traces = tracesOf(trace, custodian);
  expect(traces.join("").match(/socket\(AF_INET.*/g)).toBe(null);
  const opened = traces.flatMap((text) =>
    [...text.matchAll(OPEN)].flatMap(
      ([, path = "", flags = ""]) => (flags.includes("O_DIRECTORY") ? [] : [path]), // Bun lists the folders above a program
    ),
  );
  expect(opened.length).toBeGreaterThan(20);
  return opened.filter((path) => !isAllowed(path));
}

describe.skipIf(traceable !== null || !SOAK).each(INSTALLED)(
  `${noTrace}the custodian of %s`,
  (name) => {
    it("opens nothing but its program, its addon, the system's libraries and its tables", async () => {
      expect(await strangers(name)).toEqual([]);
    });

    it.skipIf(!isRoot)(
      `${isRoot ? "" : "NOT RUN, it takes root: "}also where everything is planted in the root`,
      async () => {
        cpSync(join(folder, "cwd"), join(folder, "planted"), { recursive: true });
        // Of packages there, those of root itself are taken.
        chownSync(join(folder, "planted/node_modules"), 65_534, 65_534);
        const words = ["LD_PRELOAD", "LD_AUDIT", "LD_LIBRARY_PATH"].flatMap((one) => ["-u", one]);
        const around = [
          "/usr/bin/env",
          ...words,
          "/usr/bin/unshare",
          "-m",
          "/bin/sh",
          "-c",
          ROOTED,
        ];
        expect(await strangers(name, [...around, folder])).toEqual([]);
        // `env` itself was started with the library, and takes it away from what follows.
        expect(ran().filter(([, what]) => what.includes(`${folder}/planted`))).toEqual([]);
      },
    );
  },
);

/** Runs a command in a root that is the system's with what is planted, seen by this command alone. */
const ROOTED = `set -e; F=$0; cd $F; mkdir layer rooted; mount -t tmpfs none layer
  mkdir layer/upper layer/work; cp -a planted/. layer/upper/
  mount -t overlay overlay -o lowerdir=/,upperdir=layer/upper,workdir=layer/work rooted
  for one in proc sys dev; do mount --rbind /$one rooted/$one; done; mount --rbind $F rooted$F
  exec /usr/sbin/chroot rooted /bin/sh -c 'cd $0/cwd; exec "$@"' $F "$@"`;

/** Of the process and of its threads, whose numbers follow. */
function tracesOf(trace: string, pid: number): readonly string[] {
  return readdirSync(join(trace, ".."))
    .filter((file) => /^trace\.\d+$/.test(file))
    .filter((file) => {
      const number = Number(file.split(".")[1]);
      return number >= pid && number < pid + 200;
    })
    .map((file) => readFileSync(join(trace, "..", file), "utf8"));
}

const OPEN = /open(?:at)?\((?:AT_FDCWD, )?"([^"]+)", ([A-Z_|]+).*\) = \d+$/gm;

function isAllowed(path: string): boolean {
  if (path.startsWith(join(folder, "up/project/node_modules/lethe/"))) return true;
  if (path.startsWith(join(folder, "up/project/node_modules/sodium-native"))) return true;
  const addon = /^node_modules\/(?:sodium-native|require-addon|bare-[a-z-]+|which-runtime)(?:\/|$)/;
  if (path.startsWith(ROOT) && addon.test(path.slice(ROOT.length))) return true;
  return ALLOWED.some((one) => one.test(path));
}

const ALLOWED: readonly RegExp[] = [
  /^(?:\/usr)?\/lib(?:64)?\//,
  /\/node_modules\/(?:node-\d+\/bin\/node|deno\/deno|bun\/bin\/bun\.exe)$/,
  /^\/etc\/(?:ld\.so\.(?:cache|preload)|localtime)$/,
  /^\/(?:proc|sys)\//,
  /^\/dev\/(?:null|tty|urandom)$/,
];
