import { join } from "node:path";
import type { Custodian, Secrets } from "../../adapters/node/mod.ts";
import { errorCode } from "../../core/arguments/own.ts";
import type { entryHere } from "./uses_of_time.ts";

/** The entry of the runtime that runs this. */
export type Entry = Awaited<ReturnType<typeof entryHere>>;

/** What the functions are called with. */
export interface Scene {
  readonly entry: Entry;
  readonly secrets: Secrets;
  readonly custodian: Custodian;
  readonly folder: string;
}

/** A function that is called with its options, and says in a text what it came to. */
export interface Tried {
  /** The names of its options, of parts of its arguments, and of what it reads back. */
  readonly names: readonly string[];
  run(scene: Scene): string | Promise<string>;
}

/** Names of a key pair, and of a cost. */
export const PAIR = ["publicKey", "secretKey", "type"] as const;
export const COST = ["passes", "memoryBytes"] as const;
/** The least that Argon2id of libsodium takes. */
export const LEAST_COST = { passes: 1, memoryBytes: 8192 } as const;

export const MESSAGE: Uint8Array<ArrayBuffer> = Uint8Array.of(1, 2, 3, 4, 5);

export function bytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).fill(7);
}

/** Text of what is the same each time: counts, lengths, names. */
export function told(...parts: readonly unknown[]): string {
  return parts.map(String).join(" ");
}

let count = 0;
/** A name that nobody has yet. */
export function fresh(): string {
  count += 1;
  return `s${count}`;
}

/** Runs with a path that leads to nothing yet. */
export function at<T>({ folder }: Scene, use: (path: string) => T): T {
  return use(join(folder, fresh()));
}

/** The code or the name of what a call throws, or `none`. */
export function nameOf(run: () => unknown): string {
  try {
    run();
    return "none";
  } catch (error) {
    return codeIn(error);
  }
}

/** As {@link nameOf}, of a promise. */
export async function codeOf(pending: Promise<unknown>): Promise<string> {
  return await pending.then(() => "none", codeIn);
}

/** The code or the name of an error. */
export function codeIn(error: unknown): string {
  return errorCode(error) ?? (error as Error).name;
}
