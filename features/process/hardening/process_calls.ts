import { LetheError } from "../../../core/contract/errors.ts";
import { ERRNO_NAMES } from "../../../system/constants.ts";
import type { Ffi, Symbols } from "../../../system/ffi.ts";
import { openLibrary } from "../../../system/libc.ts";

const SIGNATURES = {
  // Variadic in C; on Linux integers are passed to it as to any other function.
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
  setrlimit: { parameters: ["i32", "bytes"], result: "i32" },
  __errno_location: { parameters: [], result: "usize" },
} as const;
/** prctl, whose second argument is an address for some requests. */
const READING = { prctl: { parameters: ["i32", "bytes"], result: "i32" } } as const;

const PR_SET_PDEATHSIG = 1;
const PR_GET_PDEATHSIG = 2;
const PR_GET_DUMPABLE = 3;
const PR_SET_DUMPABLE = 4;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_GET_NO_NEW_PRIVS = 39;
const RLIMIT_CORE = 4;

/** The calls of prctl(2) and setrlimit(2) that hardening makes, on Linux. */
export class ProcessCalls {
  readonly #calls: Symbols<typeof SIGNATURES>;
  readonly #reading: Symbols<typeof READING>;
  readonly #errno: Int32Array;
  #refusal = "";

  /** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when the C library does not open */
  constructor(ffi: Ffi) {
    if (ffi.platform !== "linux") {
      throw new LetheError("ERR_LETHE_UNAVAILABLE", `it is not written for ${ffi.platform}`);
    }
    this.#calls = openLibrary(ffi, SIGNATURES);
    this.#reading = openLibrary(ffi, READING);
    this.#errno = new Int32Array(ffi.viewAt(this.#calls.__errno_location(), 4));
  }

  /** What the last call that was refused was refused with, as in `; errno 1 EPERM`; else nothing. */
  get refusal(): string {
    return this.#refusal;
  }

  /** @returns the value read back afterwards: 0 is not dumpable */
  forbidDumps(): number {
    this.#prctl(PR_SET_DUMPABLE, 0n);
    return this.#prctl(PR_GET_DUMPABLE, 0n);
  }

  /** @returns the value read back afterwards: 1 is set */
  forbidNewPrivileges(): number {
    this.#prctl(PR_SET_NO_NEW_PRIVS, 1n);
    return this.#prctl(PR_GET_NO_NEW_PRIVS, 0n);
  }

  /** @returns the signal read back afterwards, by number */
  dieWithParent(signal: number): number {
    this.#prctl(PR_SET_PDEATHSIG, BigInt(signal));
    const word = new Int32Array(new ArrayBuffer(8));
    const bytes = new Uint8Array(word.buffer);
    const result = this.#noting(this.#reading.prctl(PR_GET_PDEATHSIG, bytes));
    return result === 0 ? (word[0] ?? -1) : -1;
  }

  /** Sets the soft and the hard limit of core files to 0 bytes. */
  forbidCoreFiles(): boolean {
    const limits = new Uint8Array(new ArrayBuffer(16));
    return this.#noting(this.#calls.setrlimit(RLIMIT_CORE, limits)) === 0;
  }

  #prctl(request: number, value: bigint): number {
    return this.#noting(this.#calls.prctl(request, value, 0n, 0n, 0n));
  }

  /** A runtime may make calls of its own in between: it goes into messages, and no decision rests on it. */
  #noting(result: number): number {
    if (result !== -1) return result;
    const code = this.#errno[0] ?? 0;
    const name = ERRNO_NAMES[code];
    this.#refusal = `; errno ${code}${name === undefined ? "" : ` ${name}`}`;
    return result;
  }
}
