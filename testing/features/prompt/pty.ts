import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SOAK } from "../../tier.ts";
import type { Kind } from "./typed.ts";

export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));
const BUN = `${ROOT}node_modules/bun/bin/bun.exe`;
const HOST = `${ROOT}testing/features/prompt/pty_host.ts`;

/** Command lines that run a TypeScript file. */
export const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  "node-22": [`${ROOT}node_modules/node-22/bin/node`],
  "node-24": [`${ROOT}node_modules/node-24/bin/node`],
  "node-26": [`${ROOT}node_modules/node-26/bin/node`],
  deno: [`${ROOT}node_modules/deno/deno`, "run", "-A", "--no-check", "--no-prompt"],
  bun: [BUN],
};

/** Node.js as it is without the optional dependency koffi, and so without FFI. */
export const WITHOUT_KOFFI: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ["node-22", "node-24"].map((name) => [
    `${name} without koffi`,
    [...(RUNTIMES[name] ?? []), "--require", `${ROOT}testing/adapters/node/without_koffi.cjs`],
  ]),
);

/** Deno without FFI, and without the permission to read the tables of the kernel. */
export const WITHOUT_FFI: Readonly<Record<string, readonly string[]>> = {
  ...WITHOUT_KOFFI,
  "deno without FFI": [
    ...[`${ROOT}node_modules/deno/deno`, "run", "--allow-read", "--allow-env", "--allow-run"],
    ...["--allow-sys", "--no-check", "--no-prompt"],
  ],
};

/** Why nothing here can run, or null. */
export const MISSING: string | null =
  process.platform !== "linux"
    ? "these tests are written for Linux"
    : existsSync(BUN)
      ? null
      : "Bun, which opens the pseudo-terminal, is not installed";

/** In front of the names of tests that cannot run here, which a runner then lists as skipped. */
export const NOT_RUN: string = MISSING === null ? "" : `NOT RUN, ${MISSING}: `;

export const INSTALLED: readonly string[] = Object.keys(RUNTIMES).filter((name) =>
  existsSync(RUNTIMES[name]?.[0] ?? ""),
);

/** Whether the long tests run: `npm run soak`. */
export { SOAK } from "../../tier.ts";

/** One of each kind: the versions of Node share their code here. All of them in `npm run soak`. */
export const ONE_EACH: readonly string[] = INSTALLED.filter(
  (name) => SOAK || !["node-22", "node-26"].includes(name),
);

/** How the program ended, and the modes of the terminal afterwards. */
export interface Ending {
  readonly code: number;
  readonly signal: string | null;
  readonly flags: readonly number[];
}

/** A program in a pseudo-terminal. */
export class Pty {
  /** What it has written. */
  text = "";
  readonly ended: Promise<Ending>;
  readonly #host: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #flags: ((flags: readonly number[]) => void) | null = null;

  constructor(command: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const env = { ...inherited, NO_COLOR: "1", ...environment };
    this.#host = spawn(BUN, [HOST, ...command], { env, stdio: ["pipe", "pipe", "inherit"] });
    this.ended = new Promise((resolve) => {
      createInterface({ input: this.#host.stdout as NodeJS.ReadableStream }).on("line", (line) => {
        const { out, exit, flags } = JSON.parse(line);
        if (out !== undefined) this.text += out;
        if (exit !== undefined) resolve({ code: exit[0], signal: exit[1], flags });
        else if (flags !== undefined) this.#flags?.(flags);
        for (const wake of this.#waiting) wake();
      });
    });
  }

  type(keys: string): void {
    this.#host.stdin?.write(`${JSON.stringify({ keys })}\n`);
  }

  typeBytes(bytes: readonly number[]): void {
    this.#host.stdin?.write(`${JSON.stringify({ bytes })}\n`);
  }

  typePassword(kind: Kind): void {
    this.#host.stdin?.write(`${JSON.stringify({ kind })}\n`);
  }

  /** `c_iflag` and `c_lflag` of the terminal. */
  flags(): Promise<readonly number[]> {
    return new Promise((resolve) => {
      this.#flags = resolve;
      this.#host.stdin?.write(`${JSON.stringify({})}\n`);
    });
  }

  /** Waits until the text matches, from `after` on. */
  async saw(pattern: RegExp, after: number = 0): Promise<RegExpExecArray> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const match = pattern.exec(this.text.slice(after));
      if (match !== null) return match;
      if (Date.now() > deadline) throw new Error(`Never saw ${pattern} in ${this.text}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, 250);
        this.#waiting.add(wake);
      });
    }
  }

  async close(): Promise<void> {
    this.#host.kill("SIGKILL");
    await new Promise((resolve) => {
      if (this.#host.exitCode !== null || this.#host.signalCode !== null) resolve(null);
      this.#host.once("close", resolve);
    });
  }
}

/** Whether the terminal echoes, edits lines and sends signals: as a shell has it. */
export function isCooked(flags: readonly number[]): boolean {
  return ((flags[1] ?? 0) & LOCAL) === LOCAL && ((flags[0] ?? 0) & ICRNL) !== 0;
}

export function isRaw(flags: readonly number[]): boolean {
  return ((flags[1] ?? 0) & LOCAL) === 0 && ((flags[0] ?? 0) & ICRNL) === 0;
}

/** ISIG, ICANON and ECHO. */
const LOCAL = 0o1 | 0o2 | 0o10;
const ICRNL = 0o400;
