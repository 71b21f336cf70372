import { outOfRange, wrongType } from "../../core/arguments/argument_error.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import type { Argon2Cost } from "../../core/contract/cost.ts";
import type { CryptoEngine, Operation } from "../../core/contract/engine.ts";
import type { EngineOption } from "../../core/engine_choice.ts";
import { isSecretBuffer, type MisusePolicy, type SecretBuffer } from "../../core/mod.ts";
import { readCost } from "../crypto/argon2_cost.ts";
import { remedyFor } from "../crypto/lend.ts";
import { TRUSTS, type Trust } from "./trust.ts";

/** How to open {@link KeyFiles}. */
export interface KeyFilesOptions extends EngineOption {
  /**
   * What follows a misuse: a wrong number of key bytes, a change to a key, the use of a destroyed key.
   *
   * `"crash"` (the default) destroys every live secret of this thread, writes one line with the code to
   * standard error and aborts the process. `"throw"` raises a {@link LetheError}, and suits libraries.
   */
  readonly onMisuse?: MisusePolicy;
  /** What sealing costs where a call names nothing else. Default: 3 passes over 256 MiB. */
  readonly cost?: Argon2Cost;
  /**
   * The most that a sealed file may ask for: its memory, and the product of memory and passes. Default:
   * 4 passes over 1 GiB.
   */
  readonly mostCost?: Argon2Cost;
  /** `"not checked"` accepts a system whose access lists Lethe does not read: Windows. */
  readonly access?: "checked" | "not checked";
  /**
   * How many milliseconds a change waits while another process or thread changes a key file of the same
   * directory, before it fails with `ERR_LETHE_KEY_BUSY`. Default: 30,000.
   */
  readonly wait?: number;
}

/** The best engine that has all of `operations` and declares residue of none. */
export type EngineFor = (operations: readonly Operation[]) => CryptoEngine;

/** How a key file is kept. */
export interface KeyFileOptions {
  /**
   * The file is sealed under it. Without this option it is plain; `undefined` is refused. A file that is
   * there already must be what this says: sealed with a passphrase, plain without one.
   */
  readonly passphrase?: SecretBuffer;
  /**
   * What sealing costs, for this file. A sealed file that takes the place of another one costs, without
   * this option, no less than that.
   */
  readonly cost?: Argon2Cost;
}

/** How a key file is read. */
export interface ReadKeyOptions {
  /** Opens a sealed file. A plain one is refused with it. */
  readonly passphrase?: SecretBuffer;
  /** Whom the file may come from. Default: `"strict"`. */
  readonly trust?: Trust;
  /**
   * Takes the bytes of a plain file as they are, also when they look like a key in another format: PEM,
   * JSON, hex, base64. Without it such a file is refused. Never takes a sealed key file.
   */
  readonly asIs?: boolean;
}

/** How a key is replaced by another one. */
export interface RotateKeyOptions extends KeyFileOptions {
  /** The old key stays, as `PATH.previous`. */
  readonly keepPrevious?: boolean;
  /** As {@link ReadKeyOptions.asIs}, for the old key. */
  readonly asIs?: boolean;
}

/** How a sealed key is sealed under another passphrase. */
export interface ChangePassphraseOptions {
  /** The one that the file is sealed under. */
  readonly passphrase: SecretBuffer;
  /** Opens the file from then on. */
  readonly newPassphrase: SecretBuffer;
  /** As {@link KeyFileOptions.cost}. */
  readonly cost?: Argon2Cost;
}

/** How the key in a plain file is sealed. */
export interface SealKeyOptions extends KeyFileOptions {
  /** As {@link ReadKeyOptions.asIs}. */
  readonly asIs?: boolean;
}

/** @throws {TypeError} when the option is there and no boolean */
export function flagOf(options: object, key: string, verb: string): boolean {
  const value: unknown = (options as Readonly<Record<string, unknown>>)[key] ?? false;
  if (typeof value === "boolean") return value;
  throw wrongType(`Cannot ${verb} key file as ${key} must be true or false`);
}

/** @throws {TypeError} when the option is there and no profile */
export function trustOf(options: object, verb: string): Trust {
  const value: unknown = (options as Readonly<Record<string, unknown>>)["trust"] ?? "strict";
  if ((TRUSTS as readonly unknown[]).includes(value)) return value as Trust;
  throw wrongType(
    `Cannot ${verb} key file as trust must be ${TRUSTS.map((trust) => `"${trust}"`).join(", ")}`,
  );
}

/** @throws {TypeError | RangeError} when the option is there and no number of milliseconds */
export function waitOf({ wait = USUAL_WAIT }: KeyFilesOptions): number {
  if (typeof wait !== "number") throw wrongType("Cannot open key files as wait must be a number");
  if (wait >= 0 && wait <= LONGEST_WAIT) return wait;
  throw outOfRange(`Cannot open key files as wait must be from 0 to ${LONGEST_WAIT} milliseconds`);
}

/** In milliseconds: the longest Argon2id of several others. */
const USUAL_WAIT = 30_000;
/** What timers of 32 bits take. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** libsodium's MODERATE: some 0.7 s and 256 MiB (RFC 9106 would have at least 64 MiB and 3 passes). */
export const USUAL_COST: Argon2Cost = Object.freeze({ passes: 3, memoryBytes: 256 * 2 ** 20 });
/** libsodium's SENSITIVE. */
export const MOST_COST: Argon2Cost = Object.freeze({ passes: 4, memoryBytes: 2 ** 30 });
/** Below this a passphrase is hardly stretched at all. */
const LEAST_SEALING_MEMORY = 8 * 2 ** 20;

/** @throws {TypeError} when the option is there and no SecretBuffer: it must not pass for "plain" */
export function passphraseOf(
  options: object,
  key: "passphrase" | "newPassphrase",
  verb: string,
): SecretBuffer | undefined {
  if (!Object.hasOwn(options, key)) return undefined;
  const value: unknown = (options as Readonly<Record<string, unknown>>)[key];
  if (isSecretBuffer(value)) return value;
  throw wrongType(
    `Cannot ${verb} key file as ${key} must be a SecretBuffer: current value is ${kindOf(value)}; ${typeof value === "string" ? "a string could never be wiped" : remedyFor(value)}`,
  );
}

/** As {@link passphraseOf}, where there is no doing without. */
export function neededPassphrase(
  options: object,
  key: "passphrase" | "newPassphrase",
  verb: string,
): SecretBuffer {
  const passphrase = passphraseOf(options, key, verb);
  if (passphrase !== undefined) return passphrase;
  throw wrongType(`Cannot ${verb} key file without ${key}`);
}

/** The bounds of what is sealed here. */
export function checkSealingCost(cost: Argon2Cost, most: Argon2Cost, verb: string): Argon2Cost {
  return readCost(cost, `${verb} key file`, "cost", most, LEAST_SEALING_MEMORY);
}
