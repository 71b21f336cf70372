import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  INSTALLED,
  ROOT,
  RUNTIMES,
  SOAK,
  WITHOUT_KOFFI,
} from "../../../testing/features/prompt/pty.ts";
import type { Hardening } from "./hardening.ts";

const PROGRAM = `${ROOT}testing/features/process/hardening/hardened.ts`;
const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];

const onLinux = process.platform === "linux";
const isRoot = process.getuid?.() === 0;
/** Another user can run the program only where each folder above it lets others through. */
const isReachable = (path: string): boolean =>
  (statSync(path).mode & 1) === 1 && (dirname(path) === path || isReachable(dirname(path)));
const asNobody = isRoot && onLinux && isReachable(dirname(PROGRAM));
const asUser = asNobody ? NOBODY : [];
/** The one with fewer rights every day, both in the soak. */
const USERS = asNobody ? [...(SOAK ? ["root"] : []), "an unprivileged user"] : ["this user"];
/** With and without FFI; `npm run soak` takes every runtime. */
const COMMANDS = { ...RUNTIMES, ...WITHOUT_KOFFI };
const runtimes = [...INSTALLED, ...Object.keys(WITHOUT_KOFFI)].filter(
  (name) => SOAK || name.startsWith("node-24"),
);
const hasFfi = (name: string): boolean => !Object.hasOwn(WITHOUT_KOFFI, name);

let folder = "";
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-"));
  chmodSync(folder, 0o777);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly steps: Hardening;
}

async function start(
  name: string,
  parameters: readonly string[],
  around: readonly string[] = [],
  options: readonly string[] = [],
): Promise<Started> {
  const command = [...around, ...(COMMANDS[name] ?? []), ...options, PROGRAM, ...parameters];
  const [file = "", ...rest] = command;
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env = { ...inherited, HOME: folder, DENO_DIR: join(folder, "deno"), NODE_NO_WARNINGS: "1" };
  const child = spawn(file, rest, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let complaint = "";
  child.stderr.on("data", (text) => {
    complaint += text;
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (text) => resolve(String(text)));
    child.once("close", () => reject(new Error(complaint)));
  });
  return { child, ...JSON.parse(line) };
}

// What is done without FFI is in the soak, but for what a process was started with.
const hardened = runtimes.filter((name) => SOAK || hasFfi(name));

describe.skipIf(!onLinux).each(hardened)("hardening on %s", (name) => {
  it.each(USERS)("says what was done as %s, and each of it is seen from outside", async (user) => {
    const { pid, steps } = await start(name, ["harden"], user === "root" ? [] : asUser);
    const outcomes = Object.entries(steps).map(([step, { outcome }]) => [step, outcome]);
    const kernel = hasFfi(name) ? "done" : "not-done";
    expect(Object.fromEntries(outcomes)).toEqual({
      "core-limit": "done",
      "not-dumpable": kernel,
      "no-new-privileges": kernel,
      "dies-with-parent": kernel,
      "no-inspector": "done",
      "no-snapshot-signal": "not-needed",
      "no-report": "done",
    });
    expect(Object.values(steps).every(({ evidence }) => evidence.length > 10)).toBe(true);
    const seen = (file: string): string => readFileSync(`/proc/${pid}/${file}`, "latin1");
    expect(seen("limits")).toMatch(/^Max core file size +0 +0 /m);
    if (hasFfi(name)) expect(seen("status")).toMatch(/^NoNewPrivs:\s+1$/m);
  });

  it.skipIf(!asNobody)("keeps processes of the same user out of its memory", async () => {
    const open = await start(name, ["leave"], NOBODY);
    const closed = await start(name, ["harden"], NOBODY);
    expect(reads(open.pid)).toBe(true);
    expect(reads(closed.pid)).toBe(!hasFfi(name));
  });

  it("leaves no core file, where one would have been left", async () => {
    const pattern = readFileSync("/proc/sys/kernel/core_pattern", "latin1").trim();
    if (pattern.includes("/") || pattern.startsWith("|")) return; // it goes elsewhere
    const unlimited = ["prlimit", "--core=unlimited", "--"];
    const cores = (): readonly string[] => readdirSync(folder).filter((file) => /core/.test(file));
    const hardened = await start(name, ["harden", "abort"], unlimited);
    await ending(hardened.child);
    expect(cores()).toEqual([]);
    const control = await start(name, ["leave", "abort"], unlimited);
    await ending(control.child);
    expect(cores().length).toBe(1);
  });

  it.skipIf(!hasFfi(name))("is woken when its parent ends, if that is asked for", async () => {
    const shell = ["/bin/sh", "-c", '"$@" & wait', "sh"];
    const { child, pid, steps } = await start(name, ["harden", "notice"], shell);
    expect(steps["dies-with-parent"]?.evidence).toContain("SIGCONT");
    let said = "";
    child.stdout?.on("data", (text) => {
      said += text;
    });
    process.kill(pid, "SIGSTOP");
    await expect.poll(() => stateOf(pid), { timeout: 5000 }).toBe("T");
    child.kill("SIGKILL");
    await expect.poll(() => said, { timeout: 5000 }).toContain("woken");
    process.kill(pid, "SIGKILL");
  });

  it.skipIf(!hasFfi(name))("ends with its parent, and notices one that has ended", async () => {
    const shell = ["/bin/sh", "-c", '"$@" & wait', "sh"];
    const { child, pid } = await start(name, ["harden"], shell);
    child.kill("SIGKILL");
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
    const { steps } = await start(name, ["harden", "wait", "1"]);
    expect(steps["dies-with-parent"]?.outcome).toBe("not-done");
  });
});

describe.skipIf(!onLinux).each(runtimes.filter((name) => !hasFfi(name)))("on %s", (name) => {
  it("what it was started with is said, as the kernel shows it", async () => {
    const around = ["setpriv", "--no-new-privs", "/bin/sh", "-c", 'ulimit -c 0; exec "$@"', "sh"];
    const permission = ["--permission", "--allow-fs-read=*", "--allow-addons"]; // no prlimit(1)
    const { steps } = await start(name, ["harden"], around, permission);
    expect(steps).toMatchObject({
      "core-limit": {
        outcome: "done",
        verified: true,
        evidence: expect.stringMatching(/^Max core file size +0 +0 /),
      },
      "no-new-privileges": {
        outcome: "done",
        verified: true,
        evidence: expect.stringMatching(/NoNewPrivs:\s+1$/),
      },
    });
    const unlimited = ["prlimit", "--core=4096:4096"];
    const control = await start(name, ["harden"], unlimited, permission);
    expect(control.steps).toMatchObject({
      "core-limit": { outcome: "not-done", evidence: expect.stringMatching(/4096 .*prlimit\(1\)/) },
      "no-new-privileges": { outcome: "not-done" },
    });
  });
});

describe.skipIf(!onLinux)("Node's own ways to look inside", () => {
  const OPTIONS = ["--heapsnapshot-signal=SIGUSR2", "--diagnostic-dir=."];

  it.each([
    ["harden", 0],
    ["leave", 1],
  ] as const)("%s: %i heap snapshots, inspectors and reports", async (mode, count) => {
    const { child, pid } = await start("node-24", [mode], [], OPTIONS);
    const said: string[] = [];
    child.stderr?.on("data", (text) => said.push(String(text)));
    process.kill(pid, "SIGUSR1");
    process.kill(pid, "SIGUSR2");
    const snapshots = (): number =>
      readdirSync(folder).filter((file) => file.endsWith(".heapsnapshot")).length;
    const inspectors = (): number => said.filter((text) => /Debugger listening/.test(text)).length;
    if (count === 0) await new Promise((resolve) => setTimeout(resolve, 1500));
    await expect
      .poll(() => [snapshots(), inspectors()], { timeout: 20_000 })
      .toEqual([count, count]);
    expect(isAlive(pid)).toBe(true);
  });

  it.each([
    ["harden", 0],
    ["leave", 1],
  ] as const)("%s: %i diagnostic reports", async (mode, count) => {
    const options = ["--report-on-signal", "--report-directory=."];
    const { child, pid } = await start("node-24", [mode], [], options);
    process.kill(pid, "SIGUSR2");
    const reports = (): number =>
      readdirSync(folder).filter((file) => file.startsWith("report")).length;
    if (count === 0) await ending(child); // the signal's default action is left
    await expect.poll(reports, { timeout: 20_000 }).toBe(count);
  });
});

/** Whether another process of the same user opens the memory. */
function reads(pid: number): boolean {
  const [file = "", ...rest] = [...NOBODY, "/bin/sh", "-c", `: < /proc/${pid}/mem`];
  return spawnSync(file, rest).status === 0;
}

function stateOf(pid: number): string {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1] ?? "";
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}

function ending(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once("close", resolve));
}
