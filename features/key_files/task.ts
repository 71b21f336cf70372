import { errorCode, optional } from "../../core/arguments/own.ts";
import { LetheError, type LetheErrorCode } from "../../core/mod.ts";
import type { FileCalls } from "./file_calls.ts";
import { REASONS, type Reasons, UNKNOWN } from "./reasons.ts";

/**
 * One operation on one key file: its system calls, and its errors, which all name the verb, the path
 * and a remedy. The path is quoted with every control character escaped, so that a message stays one
 * line and cannot steer a terminal.
 */
export class Task {
  readonly calls: FileCalls;
  readonly #verb: string;
  readonly #path: string;

  constructor(calls: FileCalls, verb: string, path: string) {
    this.calls = calls;
    this.#verb = verb;
    this.#path = path;
  }

  /** A message of the form "Cannot VERB key file PATH: reason; remedy". */
  message(reason: string): string {
    return `Cannot ${this.#verb} key file ${quote(this.#path)}: ${reason}`;
  }

  /** @throws {LetheError} always */
  refuse(code: LetheErrorCode, reason: string): never {
    throw new LetheError(code, this.message(reason));
  }

  /**
   * Makes a system call, again while a signal interrupts it.
   *
   * @param special what an errno means here, where that is not what it means elsewhere
   * @throws {LetheError} when it fails
   */
  do<T>(call: (calls: FileCalls) => T, special: Reasons = {}): T {
    for (let attempts = 0; ; attempts++) {
      try {
        return call(this.calls);
      } catch (error) {
        const name = codeOf(error);
        if (name === "EINTR" && attempts < MOST_ATTEMPTS) continue;
        if (error instanceof LetheError) throw error; // a permission that the runtime did not grant
        const [code, reason] = optional(special, name) ?? optional(REASONS, name) ?? UNKNOWN;
        return this.refuse(code, `${reason} (${name === "" ? "no errno" : name})`);
      }
    }
  }

  /**
   * As {@link Task.do}, for a call that may fail in ways that have another way round them.
   *
   * @returns the errno when that is in `expected`, null when the call succeeded
   */
  failing(
    call: (calls: FileCalls) => void,
    expected: readonly string[],
    special: Reasons = {},
  ): string | null {
    return this.do((calls) => {
      try {
        call(calls);
        return null;
      } catch (error) {
        const code = codeOf(error);
        if (expected.includes(code)) return code;
        throw error;
      }
    }, special);
  }

  /** As {@link Task.do}, for what is worth trying and changes nothing when it fails. */
  try<T>(call: (calls: FileCalls) => T): T | undefined {
    try {
      return this.do(call);
    } catch {
      return undefined;
    }
  }

  /** Opens, uses and closes. What close(2) answers is no matter: Linux closes all the same. */
  using<T>(open: (calls: FileCalls) => number, use: (descriptor: number) => T): T {
    const descriptor = this.do(open);
    try {
      return use(descriptor);
    } finally {
      this.try((calls) => calls.close(descriptor));
    }
  }
}

/** The errno name that an error of {@link FileCalls} carries, or an empty text. */
export function codeOf(error: unknown): string {
  return errorCode(error) ?? "";
}

/** `path` in double quotes, on one line, whatever it holds. */
export function quote(path: string): string {
  return JSON.stringify(path).replace(
    /[\p{Control}\p{Format}\p{Line_Separator}\p{Paragraph_Separator}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** More signals than this during one call are no accident. */
const MOST_ATTEMPTS = 1000;
