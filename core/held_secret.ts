import { outOfRange, wrongKind, wrongType } from "./arguments/argument_error.ts";
import { copyBytes } from "./arguments/check_bytes.ts";
import { markKind } from "./arguments/kind_of.ts";
import { isThenable } from "./arguments/thenable.ts";
import { equalBytes } from "./bytes.ts";
import type { Guarantees } from "./contract/guarantees.ts";
import type { State } from "./contract/lifecycle.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import { disposable } from "./dispose.ts";
import { ManagedRegion } from "./managed_region.ts";
import type { ReadonlyBytes } from "./readonly_bytes.ts";
import { redact } from "./redact.ts";
import { refuseConversion } from "./refuse_conversion.ts";
import { noteOwn, withInput } from "./standard/lender.ts";
import type { SecretInput, StandardSecretV1Lending } from "./standard/standard.ts";

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
      throw wrongKind(`Cannot ${event} secret as use must be a function`, use);
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
