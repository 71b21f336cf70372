import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { SOAK } from "../../tier.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Command lines that run a TypeScript file, with no more permissions than key files take. */
export const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  node: [process.execPath, "--expose-gc"],
  deno: [
    `${ROOT}node_modules/deno/deno`,
    "run",
    "--no-check",
    "--no-prompt",
    "--v8-flags=--expose-gc",
    "--allow-read",
    "--allow-write",
    "--allow-ffi",
  ],
  bun: [`${ROOT}node_modules/bun/bin/bun.exe`],
};

/** Every runtime that is installed, each version of Node, under `npm run soak`; else the one of the tests. */
export const EVERY_RUNTIME: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(
    !SOAK
      ? { node: RUNTIMES["node"] ?? [] }
      : {
          ...Object.fromEntries(
            ["22", "24", "26"].map((version) => [
              `node-${version}`,
              [`${ROOT}node_modules/node-${version}/bin/node`, "--no-warnings", "--expose-gc"],
            ]),
          ),
          deno: RUNTIMES["deno"] ?? [],
          bun: RUNTIMES["bun"] ?? [],
        },
  ).filter(([, command]) => existsSync(command[0] ?? "")),
);

/** Path of a program in this folder. */
export function program(name: string): string {
  return fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
}

export interface Result {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly uid?: number;
  /** Of the group, where it is not the user's number. */
  readonly gid?: number;
  /** What the program has as descriptor 3. */
  readonly inherited?: number;
  readonly cwd?: string;
  /** Bytes of a core file that may be written. */
  readonly core?: "unlimited" | "0";
  readonly umask?: string;
}

function commandOf(
  command: readonly string[],
  { core = "0", umask = "022" }: Surroundings,
): [string, ...string[]] {
  return ["/bin/sh", "-c", `ulimit -c ${core}; umask ${umask}; exec "$@"`, "sh", ...command];
}

function settings({ uid, gid, cwd = ROOT, inherited }: Surroundings): object {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return {
    cwd,
    env: { ...env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    ...(uid === undefined ? {} : { uid, gid: gid ?? uid }),
    ...(inherited === undefined ? {} : { stdio: ["pipe", "pipe", "pipe", inherited] }),
  };
}

/** Runs a command to its end. */
export function run(command: readonly string[], around: Surroundings = {}): Result {
  const [file, ...parameters] = commandOf(command, around);
  const { status, signal, stdout, stderr } = spawnSync(file, parameters, {
    ...settings(around),
    encoding: "utf8",
    timeout: 120_000,
  });
  return { code: status, signal, stdout, stderr };
}

/** As {@link run}, with the id that the process had. */
export async function startChild(
  command: readonly string[],
  around: Surroundings = {},
): Promise<Result & { readonly pid: number }> {
  const [file, ...parameters] = commandOf(command, around);
  const child = spawn(file, parameters, settings(around));
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (part) => {
    stdout += part;
  });
  child.stderr?.on("data", (part) => {
    stderr += part;
  });
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve({ code, signal, stdout, stderr, pid: child.pid ?? 0 }),
    );
  });
}

/** A program that has said `ready PID JSON` and waits. */
export interface Waiting<T> {
  readonly pid: number;
  readonly said: T;
  stop(): Promise<void>;
}

export async function startWaiting<T>(
  command: readonly string[],
  around: Surroundings = {},
): Promise<Waiting<T>> {
  const [file, ...parameters] = commandOf(command, around);
  const child = spawn(file, parameters, settings(around));
  const line = await firstLine(child);
  const [, pid = "", said = "null"] = /^ready (\d+) (.*)$/.exec(line) ?? [];
  return {
    pid: Number(pid),
    said: JSON.parse(said) as T,
    async stop() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.stdin?.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), 2000);
      await ended;
      clearTimeout(timer);
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let [text, complaints] = ["", ""];
    child.stderr?.on("data", (part) => {
      complaints += part;
    });
    child.stdout?.on("data", (part) => {
      text += part;
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.on("error", reject);
    child.on("close", (code, signal) =>
      reject(new Error(`The program ended (${code ?? signal}): ${complaints}`)),
    );
  });
}
