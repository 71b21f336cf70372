import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { SOFTHSM, type SoftHsm } from "./softhsm.ts";

const SOURCE = fileURLToPath(new URL("./shim.c", import.meta.url));

/** The module of shim.c, compiled in the folder of a test. */
export class Shim {
  readonly path: string;
  readonly #folder: string;

  constructor({ folder }: SoftHsm) {
    this.#folder = folder;
    this.path = join(folder, "shim.so");
    const flags = ["-O1", "-shared", "-fPIC", "-fvisibility=hidden"];
    execFileSync("cc", [...flags, "-o", this.path, SOURCE, "-ldl"]);
  }

  /** @param knownPin where no byte of a PIN or a key is to be handed on: the PIN of the token */
  env(knownPin?: string): readonly string[] {
    const plain = knownPin === undefined ? [] : [`LETHE_SHIM_PLAIN=${knownPin}`];
    const files = [`LETHE_SHIM_NOTES=${this.#notes}`, `LETHE_SHIM_FAULT=${this.fault}`];
    return [`LETHE_SHIM_MODULE=${SOFTHSM}`, ...files, ...plain];
  }

  /** The file that names a function and what it returns. */
  get fault(): string {
    return join(this.#folder, "fault");
  }

  /** Lets a function return a value, from now on; or crash ({@link CRASH}), never return ({@link HANG}), or take 0.4 s ({@link SLOW}). */
  setFault(name: string, value: number): void {
    writeFileSync(this.fault, `${name} ${value.toString(16)}`);
  }

  clear(): void {
    for (const file of [this.#notes, this.fault]) rmSync(file, { force: true });
  }

  /** How often each function was called. */
  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    if (!existsSync(this.#notes)) return counts;
    for (const name of readFileSync(this.#notes, "utf8").trim().split("\n")) {
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  get #notes(): string {
    return join(this.#folder, "notes");
  }
}

export const CRASH = 0xdead;
export const HANG = 0xbed;
export const SLOW = 0x510;

/** Why it cannot be compiled here, or null. */
export function noCompiler(): string | null {
  const found = ["/usr/bin/cc", "/usr/local/bin/cc"].some((path) => existsSync(path));
  return found || process.platform !== "linux" ? null : "cc is missing";
}
