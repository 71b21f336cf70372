// A machine that lacks something, for a custodian that starts on it.
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import type { CustodianReport } from "../../../features/custodian/mod.ts";
import { ROOT, RUNTIMES, SOAK, WITHOUT_KOFFI } from "../prompt/pty.ts";
import { installLethe } from "./installed.ts";

const PROGRAM = `${ROOT}testing/features/custodian/reporter.ts`;
const FILTER = `${ROOT}testing/features/custodian/deny_calls.c`;
export const NOBODY: readonly string[] = [
  "/usr/bin/setpriv",
  "--reuid=65534",
  "--regid=65534",
  "--clear-groups",
  "--",
];
export const UNSHARE: readonly string[] = ["/usr/bin/unshare", "-m", "/bin/sh", "-c"];
/** Without koffi neither the application nor its custodian has it. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = { ...RUNTIMES, ...WITHOUT_KOFFI };
export const hasFfi = (name: string): boolean => !Object.hasOwn(WITHOUT_KOFFI, name);

/** Others can run the program only where each folder above it lets them through. */
const isReachable = (path: string): boolean =>
  (statSync(path).mode & 1) === 1 && (dirname(path) === path || isReachable(dirname(path)));
/** What it takes and is not there; null: all is. */
export const missing: string | null =
  process.platform !== "linux" || process.arch !== "x64"
    ? "Linux on x86-64"
    : process.getuid?.() !== 0
      ? "root"
      : spawnSync("/usr/bin/unshare", ["-m", "true"]).status !== 0
        ? "unshare(1)"
        : spawnSync("cc", ["--version"]).error !== undefined
          ? "a C compiler"
          : isReachable(dirname(PROGRAM))
            ? null
            : "a folder that others may enter";
export const notRun: string = missing === null ? "" : `NOT RUN, it takes ${missing}: `;

/** Where a group with a limit of its own can be made: version 1 of cgroups, or 2. */
export const LIMIT: string = existsSync("/sys/fs/cgroup/memory")
  ? "memory.limit_in_bytes"
  : "memory.max";
export const CGROUP: string | null = ((): string | null => {
  if (missing !== null) return null;
  const own = readFileSync("/proc/self/cgroup", "latin1");
  const [, path] = /^\d+:memory:(.*)$/m.exec(own) ?? [];
  const parent = path === undefined ? "/sys/fs/cgroup" : `/sys/fs/cgroup/memory${path}`;
  try {
    const group = mkdtempSync(join(parent, "lethe-"));
    const isLimited = existsSync(join(group, LIMIT));
    rmdirSync(group);
    return isLimited ? parent : null;
  } catch {
    return null;
  }
})();

/** What the application said. */
export interface Result {
  readonly report?: CustodianReport;
  readonly end?: { readonly code: number | null };
  readonly error?: { readonly code: string; readonly message: string };
}

/** A folder for what a hostile machine needs, and applications that start there. */
export class MachineStage {
  folder = "";

  prepare(): void {
    this.folder = mkdtempSync(join(tmpdir(), "lethe-machine-"));
    chmodSync(this.folder, 0o755);
    mkdirSync(join(this.folder, "home"));
    chmodSync(join(this.folder, "home"), 0o777);
    if (missing !== null || !SOAK) return;
    spawnSync("cc", ["-O1", "-o", join(this.folder, "deny"), FILTER]);
    mkdirSync(join(this.folder, "project"));
    installLethe(join(this.folder, "project"));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  readonly run = (name: string, around: readonly string[], options?: object): Result => {
    const [file = "", ...rest] = [...around, ...this.#command(name, options)];
    const { stdout, stderr } = spawnSync(file, rest, {
      encoding: "utf8",
      env: this.#env,
      timeout: 60_000,
    });
    if (!stdout.startsWith("{")) throw new Error(`It said ${stdout} ${stderr}`);
    return JSON.parse(stdout);
  };

  /** Sets a limit on the application once it runs, as its own user. */
  async limited(name: string, limit: string): Promise<Result> {
    const [file = "", ...words] = [...NOBODY, ...this.#command(name), "wait"];
    const child = spawn(file, words, { env: this.#env, stdio: ["pipe", "pipe", "ignore"] });
    for await (const line of createInterface({ input: child.stdout })) {
      const [, pid] = /^ready (\d+)$/.exec(line) ?? [];
      if (pid === undefined) return JSON.parse(line);
      const [as = "", ...rest] = [...NOBODY, "/usr/bin/prlimit", "--pid", pid, limit];
      expect(spawnSync(as, rest).status).toBe(0);
      child.stdin.write("go\n");
    }
    throw new Error("It said nothing");
  }

  get #env(): NodeJS.ProcessEnv {
    const home = join(this.folder, "home");
    return { HOME: home, DENO_DIR: join(home, "deno"), PATH: "/usr/bin:/bin" };
  }

  /** A custodian finds koffi beside its program, unless that is one of a project that has none. */
  #command(name: string, options: object = {}): readonly string[] {
    const program = join(
      this.folder,
      "project/node_modules/lethe/dist/adapters/node/custodian_main.js",
    );
    const all = { ...(hasFfi(name) ? {} : { program }), ...options };
    return [...(COMMANDS[name] ?? []), PROGRAM, JSON.stringify(all)];
  }
}
