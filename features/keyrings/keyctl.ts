import { LetheError } from "../../core/mod.ts";
import { openKernel } from "../../memories/pages/mod.ts";
import { ERRNO_NAMES } from "../../system/constants.ts";
import type { Ffi, Symbols } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";
import { process } from "../../system/node_builtins.ts";
import { systemCallNumber } from "../../system/system_calls.ts";
import { terminated } from "../../system/terminated.ts";

// The C library has no functions for these calls; keyutils has, and is not installed everywhere. syscall(2) is
// variadic in C; on Linux integers and addresses are passed to it as to any other function.
const ADD = {
  syscall: { parameters: ["isize", "bytes", "bytes", "bytes", "usize", "isize"], result: "isize" },
} as const;
const SEARCH = {
  syscall: { parameters: ["isize", "isize", "isize", "bytes", "bytes", "isize"], result: "isize" },
} as const;
const READ = {
  syscall: { parameters: ["isize", "isize", "isize", "bytes", "usize"], result: "isize" },
} as const;
const CONTROL = {
  syscall: { parameters: ["isize", "isize", "isize", "isize"], result: "isize" },
  __errno_location: { parameters: [], result: "usize" },
} as const;

// Of linux/keyctl.h.
const KEYCTL_REVOKE = 3n;
const KEYCTL_LINK = 8n;
const KEYCTL_UNLINK = 9n;
const KEYCTL_SEARCH = 10n;
const KEYCTL_READ = 11n;
const KEYCTL_SET_TIMEOUT = 15n;
const THREAD_KEYRING = -1n;

/** Keyrings by their numbers for this process, keyrings(7). */
export const KEYRINGS = { process: -2n, session: -3n, user: -4n, "user-session": -5n } as const;

/** A call of the keyrings that was refused. */
export class KeyringRefusal extends Error {
  /** As `ENOKEY`. */
  readonly code: string;

  constructor(errno: number) {
    super(`errno ${errno}`);
    this.code = ERRNO_NAMES[errno] ?? `errno ${errno}`;
  }
}

/** The calls for the keyrings of the kernel, keyrings(7). Bytes go to and from the kernel in place. */
export class Keyctl {
  readonly #add: Symbols<typeof ADD>;
  readonly #search: Symbols<typeof SEARCH>;
  readonly #read: Symbols<typeof READ>;
  readonly #control: Symbols<typeof CONTROL>;
  readonly #errno: Int32Array;
  readonly #addKey: bigint;
  readonly #keyctl: bigint;

  /**
   * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` where there are none, or where a filter of system calls kills
   * for them: a child process tries them first, if there is a filter
   */
  constructor(ffi: Ffi) {
    const [addKey, keyctl] = [systemCallNumber("add_key"), systemCallNumber("keyctl")];
    if (ffi.platform !== "linux" || addKey === undefined || keyctl === undefined) {
      throw unavailable(`there is none on ${ffi.platform} ${process.arch}`);
    }
    const { filter } = openKernel(ffi);
    filter.trust(); // asked for by name
    const forbidden = filter.forbids("keyctl") ?? filter.forbids("add_key");
    if (forbidden !== null) throw unavailable(forbidden);
    this.#addKey = BigInt(addKey);
    this.#keyctl = BigInt(keyctl);
    this.#add = openLibrary(ffi, ADD);
    this.#search = openLibrary(ffi, SEARCH);
    this.#read = openLibrary(ffi, READ);
    this.#control = openLibrary(ffi, CONTROL);
    this.#errno = new Int32Array(ffi.viewAt(this.#control.__errno_location(), 4));
  }

  /** The number of a key, in a keyring or in one that is linked to it. */
  search(keyring: bigint, type: string, description: string): bigint {
    const [kind, name] = [terminated(type), terminated(description)];
    return this.#check(this.#search.syscall(this.#keyctl, KEYCTL_SEARCH, keyring, kind, name, 0n));
  }

  /** How long the payload of a key is. */
  lengthOf(key: bigint): number {
    return this.read(key, NOTHING, 0);
  }

  /** Reads a payload into `page`, if it is no longer than that. @returns how long it is */
  read(key: bigint, page: Uint8Array<ArrayBuffer>, most: number = page.length): number {
    const length = BigInt(most);
    return Number(this.#check(this.#read.syscall(this.#keyctl, KEYCTL_READ, key, page, length)));
  }

  /**
   * Adds a key, in place of one of the same type and description. Readers find one of the two at any time,
   * and the number tells which.
   *
   * @param seconds until it expires; 0: never
   */
  replace(
    keyring: bigint,
    type: string,
    description: string,
    payload: Uint8Array<ArrayBuffer>,
    seconds: number,
  ): void {
    // add_key(2) into the keyring itself would write over the old key, which keeps its number.
    const key = this.#check(
      this.#add.syscall(
        ...[this.#addKey, terminated(type), terminated(description)],
        ...[payload, BigInt(payload.length), THREAD_KEYRING],
      ),
    );
    try {
      if (seconds > 0) this.#do(KEYCTL_SET_TIMEOUT, key, BigInt(seconds));
      this.#do(KEYCTL_LINK, key, keyring);
    } finally {
      this.#do(KEYCTL_UNLINK, key, THREAD_KEYRING);
    }
  }

  revoke(key: bigint): void {
    this.#do(KEYCTL_REVOKE, key, 0n);
  }

  expireIn(key: bigint, seconds: number): void {
    this.#do(KEYCTL_SET_TIMEOUT, key, BigInt(seconds));
  }

  #do(operation: bigint, first: bigint, second: bigint): void {
    this.#check(this.#control.syscall(this.#keyctl, operation, first, second));
  }

  #check(result: bigint): bigint {
    if (result < 0n) throw new KeyringRefusal(this.#errno[0] ?? 0);
    return result;
  }
}

const NOTHING = new Uint8Array(new ArrayBuffer(8));

function unavailable(reason: string): LetheError {
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open the kernel's keyrings: ${reason}`);
}
