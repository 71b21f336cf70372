import type { Guarantees, SecretBuffer, State } from "../../core/mod.ts";
import type { SecretInput } from "../../core/standard/standard.ts";

type Use<T> = (bytes: Uint8Array<ArrayBuffer>) => T;

/** Gives what Lethe made the class of the faulty library. */
export type Wrap = (secret: SecretBuffer) => SecretBuffer;

/** What a faulty secret does otherwise. */
export type OwnSecret = Partial<SecretBuffer> & {
  text?(): string;
  inspect?(hidden: boolean): string;
};

/** A secret that passes everything on, but for what its library does otherwise. */
export class FaultySecret {
  readonly #inner: SecretBuffer;
  readonly #own: OwnSecret;
  readonly #wrap: Wrap;

  constructor(inner: SecretBuffer, own: OwnSecret, wrap: Wrap) {
    this.#inner = inner;
    this.#own = own;
    this.#wrap = wrap;
    INNER.set(this, inner);
  }

  get byteLength(): number {
    return this.#inner.byteLength;
  }

  get state(): State {
    return this.#inner.state;
  }

  get frozen(): boolean {
    return this.#inner.frozen;
  }

  get guarantees(): Guarantees {
    return this.#own.guarantees ?? this.#inner.guarantees;
  }

  get "~secret"(): SecretBuffer["~secret"] {
    return this.#inner["~secret"];
  }

  expose<T>(use: Use<T>): T {
    return (this.#own.expose ?? this.#inner.expose).call(this.#inner, use) as T;
  }

  modify<T>(use: Use<T>): T {
    return (this.#own.modify ?? this.#inner.modify).call(this.#inner, use) as T;
  }

  freeze(): this {
    (this.#own.freeze ?? this.#inner.freeze).call(this.#inner);
    return this;
  }

  equals(other: SecretInput): boolean {
    const value = innerOf(other);
    return (this.#own.equals ?? this.#inner.equals).call(this.#inner, value);
  }

  clone(): SecretBuffer {
    return this.#wrap((this.#own.clone ?? this.#inner.clone).call(this.#inner));
  }

  slice(start?: number, end?: number): SecretBuffer {
    return this.#wrap((this.#own.slice ?? this.#inner.slice).call(this.#inner, start, end));
  }

  destroy(): void {
    (this.#own.destroy ?? this.#inner.destroy).call(this.#inner);
  }

  [Symbol.dispose](): void {
    (this.#own[Symbol.dispose] ?? this.#inner[Symbol.dispose]).call(this.#inner);
  }

  toString(): string {
    return this.#own.text?.() ?? String(this.#inner);
  }

  toJSON(): string {
    return String(this.#inner);
  }

  inspect(_: number, options: { readonly showHidden?: boolean }): string {
    return this.#own.inspect?.(options.showHidden === true) ?? String(this.#inner);
  }
}

Object.defineProperty(FaultySecret.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value: FaultySecret.prototype.inspect,
});

/** The secret that Lethe knows, for its arguments; what else was given as it is. */
export function innerOf<T>(value: T): T {
  return ((typeof value === "object" && value !== null && INNER.get(value)) || value) as T;
}

/** An object that is an ArrayBuffer by its birth, and `secret` by its methods. */
export function bufferLike(secret: FaultySecret): object {
  const methods = {};
  for (const key of Reflect.ownKeys(FaultySecret.prototype)) {
    const { get, value } = Object.getOwnPropertyDescriptor(FaultySecret.prototype, key) ?? {};
    Object.defineProperty(
      methods,
      key,
      get === undefined
        ? { value: value.bind(secret), configurable: true }
        : { get: get.bind(secret) },
    );
  }
  Object.defineProperty(methods, "freeze", {
    value(this: object): object {
      secret.freeze();
      return this;
    },
  });
  const buffer = Object.setPrototypeOf(new ArrayBuffer(8), methods) as object;
  INNER.set(buffer, innerOf(secret) as unknown as SecretBuffer);
  return buffer;
}

const INNER = new WeakMap<object, SecretBuffer>();
