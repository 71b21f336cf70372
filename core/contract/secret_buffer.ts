import { outOfRange, wrongType } from "../arguments/argument_error.ts";
import { copyBytes } from "../arguments/check_bytes.ts";
import { kindOf, markKind } from "../arguments/kind_of.ts";
import { isThenable } from "../arguments/thenable.ts";
import { equalBytes } from "../bytes.ts";
import { disposable } from "../dispose.ts";
import { ManagedRegion } from "../managed_region.ts";
import type { ReadonlyBytes } from "../readonly_bytes.ts";
import { redact } from "../redact.ts";
import { refuseConversion } from "../refuse_conversion.ts";
import { noteOwn, withInput } from "../standard/lender.ts";
import type {
  SecretInput,
  StandardSecretV1,
  StandardSecretV1Lending,
} from "../standard/standard.ts";
import type { Guarantees } from "./guarantees.ts";
import type { State } from "./lifecycle.ts";

/**
 * Secret bytes that can be read only inside a call.
 *
 * A conforming implementation guarantees:
 *
 * - BUF-1: outside `expose` and `modify` the bytes are unreachable from JavaScript
 * - BUF-2: the view given to `use` is detached when its scope ends: `use` returned, threw, or the
 *   promise that it returned settled. Overlapping exposes share one view, detached with the last
 * - BUF-3: the pages are closed again before control returns to the caller
 * - BUF-4: after `destroy` returns the bytes are zero, and the memory is given back unless a scope is
 *   open, then when that scope ends
 * - BUF-5: no conversion to text, enumeration or clone of the object shows a byte
 *
 * It does not guarantee that code inside `use` made no copy: a string built from the bytes, a
 * `slice()`, or a value handed to another library is the caller's to account for. A promise that
 * never settles keeps its scope open.
 */
export interface SecretBuffer extends Disposable, StandardSecretV1 {
  /** Length in bytes, 1 to 2^31 - 1. */
  readonly byteLength: number;
  /** `guarded`, unless a scope is open or the secret was destroyed. */
  readonly state: State;
  /** True once {@link SecretBuffer.freeze} was called. */
  readonly frozen: boolean;
  /** What this secret's own region has, with the evidence. */
  readonly guarantees: Guarantees;
  /**
   * Lends the bytes for reading. With an async `use` the scope stays open until its promise settles.
   *
   * The view is for reading, and its type says so. On a memory with `write-trap` a write to it kills the
   * process by SIGSEGV or SIGBUS, without a message. On heap memory a write changes the secret, and
   * nothing notices: see docs/lifecycle.md.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`, `ERR_LETHE_BUSY` while a `modify` is open
   *
   * @example
   * ```ts
   * import { createHmac } from "node:crypto";
   * import { openSecrets } from "lethe";
   *
   * const key = openSecrets().random(32);
   * const tag = key.expose((bytes) => createHmac("sha256", bytes).update("message").digest());
   * console.log(tag.length); // 32
   * key.destroy();
   * ```
   */
  expose<T>(use: (bytes: ReadonlyBytes) => T): T;
  /**
   * Lends the bytes for writing, exclusively.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`, `ERR_LETHE_FROZEN`, `ERR_LETHE_BUSY` while another
   * scope is open
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const nonce = openSecrets().allocate(12);
   * nonce.modify((bytes) => bytes.fill(7));
   * nonce.destroy();
   * ```
   */
  modify<T>(use: (bytes: Uint8Array<ArrayBuffer>) => T): T;
  /**
   * Refuses every later `modify`. `destroy` still wipes it, and a clone or slice of it is not frozen.
   * Only a memory with `write-trap` also stops a write to the view of an `expose`.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`, `ERR_LETHE_BUSY` while a `modify` is open
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const key = secrets.random(32).freeze();
   * console.log(key.frozen); // true: `key.modify` throws ERR_LETHE_FROZEN
   * key.destroy();
   * ```
   */
  freeze(): this;
  /**
   * Compares in a time that depends on the lengths alone. Lengths are public: unequal ones give
   * `false` at once. See {@link equalBytes} for the limit of that promise.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`, `ERR_LETHE_BUSY` while a `modify` is open
   * @throws {TypeError} when `other` is neither; {RangeError} when it is empty
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const token = secrets.random(32);
   * const copy = token.clone();
   * console.log(token.equals(copy)); // true
   * secrets.purge();
   * ```
   */
  equals(other: SecretInput): boolean;
  /**
   * The same bytes in a separate secret.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`, `ERR_LETHE_BUSY`; what {@link Secrets.allocate} throws
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const first = secrets.random(32);
   * const second = first.clone();
   * first.destroy();
   * console.log(second.state); // "guarded": each has its own bytes
   * second.destroy();
   * ```
   */
  clone(): SecretBuffer;
  /**
   * A copy of the bytes from `start` up to but not including `end`, in a separate secret.
   *
   * @throws {RangeError} unless both are integers and 0 <= start < end <= byteLength
   * @throws {LetheError} as `clone`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const both = secrets.random(64);
   * const encryption = both.slice(0, 32);
   * const authentication = both.slice(32);
   * console.log(encryption.byteLength + authentication.byteLength); // 64
   * secrets.purge();
   * ```
   */
  slice(start?: number, end?: number): SecretBuffer;
  /**
   * Wipes, detaches every view and releases the memory, before it returns. Idempotent.
   *
   * @throws {LetheError} `ERR_LETHE_CANARY` when something had written outside the bytes; the
   * secret is destroyed all the same. After any other error it may not be wiped: it stays live,
   * refuses every scope, and can be destroyed again
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const key = secrets.random(32);
   * key.destroy();
   * console.log(key.state); // "destroyed"
   * ```
   */
  destroy(): void;
}

/** Where a secret came from, and who is told when it is gone. */
export interface Maker {
  /** Makes a secret of the same memory, filled by `fill`. */
  make(byteLength: number, fill: (bytes: Uint8Array<ArrayBuffer>) => void): SecretBuffer;
  forget(region: ManagedRegion): void;
}

/** A view's buffer keeps the object of its secret alive, so that it is not collected under it. */
const LENDERS = new WeakMap<ArrayBuffer, SecretBuffer>();

/** From here on the buffer of `bytes`, as long as somebody has it, keeps `secret` alive. */
export function keepLent(bytes: Uint8Array<ArrayBuffer>, secret: SecretBuffer): void {
  LENDERS.set(bytes.buffer, secret);
}

/** The region of a secret. Within core: no object that a program can reach has it. */
export let regionOf: (secret: HeldSecret) => ManagedRegion;

/** The object that the program holds. Its bytes and state are in a {@link ManagedRegion}. */
export class HeldSecret implements SecretBuffer {
  readonly #region: ManagedRegion;
  readonly #maker: Maker;
  #lending: StandardSecretV1Lending | undefined;

  static {
    regionOf = (secret) => secret.#region;
  }

  constructor(region: ManagedRegion, maker: Maker) {
    if (!ManagedRegion.is(region))
      throw wrongType("Cannot construct SecretBuffer: use openSecrets");
    this.#region = region;
    this.#maker = maker;
  }

  static is(value: unknown): value is HeldSecret {
    return typeof value === "object" && value !== null && #region in value;
  }

  static makerOf(secret: HeldSecret): Maker {
    return secret.#maker;
  }

  get byteLength(): number {
    return this.#region.byteLength;
  }

  get state(): State {
    return this.#region.state;
  }

  get frozen(): boolean {
    return this.#region.frozen;
  }

  get guarantees(): Guarantees {
    return this.#region.guarantees;
  }

  get "~secret"(): StandardSecretV1Lending {
    this.#lending ??= noteOwn({
      version: 1,
      vendor: "lethe",
      byteLength: this.byteLength,
      expose: <T>(use: (bytes: Uint8Array<ArrayBuffer>) => T): T => this.expose(use),
    });
    return this.#lending;
  }

  expose<T>(use: (bytes: ReadonlyBytes) => T): T {
    return this.#scope("expose", use);
  }

  modify<T>(use: (bytes: Uint8Array<ArrayBuffer>) => T): T {
    return this.#scope("modify", use);
  }

  freeze(): this {
    this.#region.freeze();
    return this;
  }

  equals(other: SecretInput): boolean {
    // Only inside the lender's scope, so that none of its code runs while this secret is open.
    return withInput(other, "compare secret", "other", (right) =>
      this.expose((left) => equalBytes(left, right)),
    );
  }

  clone(): SecretBuffer {
    return this.slice();
  }

  slice(start: number = 0, end: number = this.byteLength): SecretBuffer {
    const { byteLength } = this;
    if (![start, end].every(Number.isInteger) || start < 0 || end > byteLength || start >= end) {
      throw outOfRange(
        `Cannot slice secret as start and end must be integers with 0 <= start < end <= ${byteLength}: current values are ${Number(start)} and ${Number(end)}`,
      );
    }
    return this.expose((source) =>
      this.#maker.make(end - start, (target) =>
        // Not `subarray`, which would ask the view for its constructor.
        copyBytes(target, new Uint8Array(source.buffer, source.byteOffset + start, end - start)),
      ),
    );
  }

  destroy(): void {
    try {
      this.#region.destroy();
    } finally {
      if (this.#region.state === "destroyed") this.#maker.forget(this.#region);
    }
  }

  declare readonly [Symbol.dispose]: () => void;

  #scope<T>(event: "expose" | "modify", use: (bytes: Uint8Array<ArrayBuffer>) => T): T {
    if (typeof use !== "function") {
      throw wrongType(
        `Cannot ${event} secret as use must be a function: current value is ${kindOf(use)}`,
      );
    }
    const region = this.#region;
    const bytes = region.enter(event);
    let pending = false;
    try {
      const result = use(bytes);
      pending = isThenable(result);
      return pending ? (this.#untilSettled(bytes, result) as T) : result;
    } finally {
      if (!pending) region.leave();
    }
  }

  /** Keeps the scope open until `pending` settles; the caller's continuation runs after it closed. */
  async #untilSettled(bytes: Uint8Array<ArrayBuffer>, pending: unknown): Promise<unknown> {
    try {
      keepLent(bytes, this);
      return await pending;
    } finally {
      this.#region.leave();
    }
  }
}

disposable(HeldSecret, (secret) => secret.destroy());
refuseConversion(
  HeldSecret,
  "secret",
  "use secret.expose((bytes) => ...), or secrets.encode(secret, encoding) for another secret",
);
markKind(HeldSecret, "SecretBuffer");
Object.freeze(HeldSecret); // a program reaches it as `constructor`, and must not replace `is`
redact(
  HeldSecret,
  ({ byteLength, state }) =>
    `SecretBuffer(${byteLength} ${byteLength === 1 ? "byte" : "bytes"}, ${state}, redacted)`,
);

/**
 * True for a secret made by this copy of Lethe. It tests a private brand, which no other object can
 * carry: not a look-alike, a proxy, or an object that inherits from a secret.
 *
 * @returns a boolean for any value; it never throws
 *
 * @example
 * ```ts
 * import { isSecretBuffer, openSecrets } from "lethe";
 *
 * isSecretBuffer(openSecrets().random(32)); // true
 * isSecretBuffer({ byteLength: 32 }); // false
 * ```
 */
export function isSecretBuffer(value: unknown): value is SecretBuffer {
  return HeldSecret.is(value);
}
