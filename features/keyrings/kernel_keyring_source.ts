import { outOfRange, wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { throwIfAborted } from "../../core/arguments/foreign.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { isSecretBuffer, LetheError, type SecretBuffer } from "../../core/mod.ts";
import type { Ffi } from "../../system/ffi.ts";
import { TextEncoder } from "../../system/node_builtins.ts";
import {
  contextOf,
  type Land,
  makeRecord,
  type ReadContext,
  type SecretRecord,
  type SourceErrorCode,
  sourceError,
} from "../sources/mod.ts";
import type { KernelKeyring, OpenKernelKeyring } from "./kernel_keyring.ts";
import { KEYRINGS, Keyctl, KeyringRefusal } from "./keyctl.ts";
import { freshVersion } from "./version.ts";

/** {@link OpenKernelKeyring} over the FFI of a runtime. */
export function kernelKeyringOpener(ffi: () => Ffi): OpenKernelKeyring {
  return (options) => {
    const { keyring = "session", type = "user" } = readOptions(options, OPEN, ["keyring", "type"]);
    if (!Object.hasOwn(KEYRINGS, keyring)) {
      throw wrongType(
        `Cannot ${OPEN} as keyring must be one of ${Object.keys(KEYRINGS).join(", ")}`,
      );
    }
    if (type !== "user" && type !== "big_key") {
      throw wrongType(`Cannot ${OPEN} as type must be user or big_key`);
    }
    return new Keyring(ffi, KEYRINGS[keyring], type);
  };
}

const OPEN = "open kernel keyring";
const NAME = "kernel-keyring";

class Keyring implements KernelKeyring {
  readonly name = NAME;
  readonly residue: readonly string[] = [];
  readonly #ffi: () => Ffi;
  readonly #keyring: bigint;
  readonly #type: string;
  #calls: Keyctl | null = null;

  constructor(ffi: () => Ffi, keyring: bigint, type: string) {
    this.#ffi = ffi;
    this.#keyring = keyring;
    this.#type = type;
  }

  async read(reference: string, context: ReadContext): Promise<SecretRecord> {
    const { land, signal } = contextOf(context);
    checkReference(reference);
    throwIfAborted(signal);
    const calls = this.#open(reference);
    let last: unknown;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const key = this.#find(calls, reference);
      try {
        const secret = landWhole(calls, key, land);
        if (secret === null) continue;
        return makeRecord({ version: freshVersion(`${key}`), fields: [["value", secret]] });
      } catch (error) {
        last = explained(reference, error);
        if (!(error instanceof KeyringRefusal && CHANGED.includes(error.code))) throw last;
      }
    }
    throw last ?? incomplete(reference);
  }

  add(reference: string, secret: SecretBuffer, options?: { readonly seconds?: number }): void {
    checkReference(reference);
    if (!isSecretBuffer(secret)) {
      throw wrongKind(`Cannot add key as secret must be a SecretBuffer`, secret);
    }
    const { seconds } = readOptions(options, "add key", ["seconds"]);
    if (seconds !== undefined) checkInteger(seconds, "add key", "seconds", 1, LONGEST);
    const most = MOST[this.#type] ?? 0;
    if (secret.byteLength > most) {
      throw outOfRange(
        `Cannot add key as secret must have at most ${most} bytes in a key of type ${this.#type}: it has ${secret.byteLength}`,
      );
    }
    const calls = this.#open(reference);
    told(reference, () =>
      secret.expose((bytes) =>
        calls.replace(this.#keyring, this.#type, reference, bytes, seconds ?? 0),
      ),
    );
  }

  expire(reference: string, seconds: number): void {
    checkReference(reference);
    checkInteger(seconds, "expire key", "seconds", 1, LONGEST);
    const calls = this.#open(reference);
    const key = this.#find(calls, reference);
    told(reference, () => calls.expireIn(key, seconds));
  }

  revoke(reference: string): void {
    checkReference(reference);
    const calls = this.#open(reference);
    const key = this.#find(calls, reference);
    told(reference, () => calls.revoke(key));
  }

  #find(calls: Keyctl, reference: string): bigint {
    return told(reference, () => calls.search(this.#keyring, this.#type, reference));
  }

  #open(reference: string): Keyctl {
    try {
      this.#calls ??= new Keyctl(this.#ffi());
      return this.#calls;
    } catch (error) {
      if (!(error instanceof LetheError)) throw error;
      const reason = error.message.replace(/^Cannot open the kernel's keyrings: /, "");
      throw sourceError("ERR_LETHE_SOURCE_UNAVAILABLE", NAME, reference, reason);
    }
  }
}

/**
 * A payload as it is now; null: its length changed in between.
 *
 * @throws {KeyringRefusal}
 */
function landWhole(calls: Keyctl, key: bigint, land: Land): SecretBuffer | null {
  const length = calls.lengthOf(key);
  if (length === 0) return null;
  let got = 0;
  const secret = land(length, (page) => {
    got = calls.read(key, page);
  });
  if (got === length) return secret;
  secret.destroy();
  return null;
}

function incomplete(reference: string): LetheError {
  return sourceError(
    "ERR_LETHE_SOURCE_INCOMPLETE",
    NAME,
    reference,
    `it changed ${ATTEMPTS} times while it was read; read it again`,
  );
}

function checkReference(reference: unknown): asserts reference is string {
  if (typeof reference !== "string") {
    throw wrongKind(`Cannot name key as reference must be a string`, reference);
  }
  const length = new TextEncoder().encode(reference).length;
  if (length > 0 && length < 4096 && reference.isWellFormed() && !reference.includes("\0")) return;
  throw wrongType(
    "Cannot name key as reference must be 1 to 4095 bytes of text without a zero byte",
  );
}

function told<T>(reference: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explained(reference, error);
  }
}

function explained(reference: string, error: unknown): unknown {
  if (!(error instanceof KeyringRefusal)) return error;
  const [code, reason] = REASONS[error.code] ?? [
    "ERR_LETHE_SOURCE_FAILED",
    "the kernel refused it",
  ];
  return sourceError(code, NAME, reference, `${reason} (${error.code})`);
}

/** What the kernel says of a key that was replaced between two calls: it is in no keyring any more. */
const CHANGED: readonly string[] = ["ENOKEY", "EKEYREVOKED", "EACCES"];
const ATTEMPTS = 8;
/** Seconds: an unsigned int of the kernel, 136 years. */
const LONGEST = 2 ** 32 - 1;

/** Bytes that a key holds, by its type. */
const MOST: Readonly<Record<string, number>> = { user: 32_767, big_key: 1_048_575 };

const UNAVAILABLE =
  "a filter of system calls (seccomp), or a kernel without keyrings, refuses keyctl; allow keyctl and add_key: in a systemd unit with SystemCallFilter=@system-service, in a container in its seccomp profile";

const REASONS: Readonly<Record<string, readonly [SourceErrorCode, string]>> = {
  ENOKEY: ["ERR_LETHE_SOURCE_MISSING", "there is no such key; add one with add() or keyctl(1)"],
  EKEYREVOKED: ["ERR_LETHE_SOURCE_MISSING", "the key was revoked; add another one"],
  EKEYEXPIRED: ["ERR_LETHE_SOURCE_EXPIRED", "the key has expired; add another one"],
  EACCES: [
    "ERR_LETHE_SOURCE_DENIED",
    "this process may not use the key: it takes its permission, or its keyring linked to the session keyring, as keyctl link @u @s does",
  ],
  EPERM: ["ERR_LETHE_SOURCE_UNAVAILABLE", UNAVAILABLE],
  ENOSYS: ["ERR_LETHE_SOURCE_UNAVAILABLE", UNAVAILABLE],
  ENODEV: ["ERR_LETHE_SOURCE_UNAVAILABLE", "this kernel has no keys of that type; use type user"],
  EDQUOT: [
    "ERR_LETHE_SOURCE_FAILED",
    "the user's quota of keys is used up (kernel.keys.maxkeys, kernel.keys.maxbytes); raise it, or revoke keys",
  ],
};
