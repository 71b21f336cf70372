import type {
  Encoding,
  Guarantees,
  PassedOver,
  SecretBuffer,
  Secrets,
  Stats,
} from "../../core/mod.ts";
import { innerOf } from "./secret.ts";

/** Secrets that pass on all that the suite calls, but for what their library does otherwise. */
export class FaultySecrets {
  readonly #inner: Secrets;
  readonly #own: Partial<Secrets>;
  readonly #wrap: (made: SecretBuffer) => SecretBuffer;

  constructor(inner: Secrets, own: Partial<Secrets>, wrap: (made: SecretBuffer) => SecretBuffer) {
    this.#inner = inner;
    this.#own = own;
    this.#wrap = wrap;
  }

  get memory(): string {
    return this.#inner.memory;
  }

  get guarantees(): Guarantees {
    return this.#own.guarantees ?? this.#inner.guarantees;
  }

  get passedOver(): readonly PassedOver[] {
    return this.#inner.passedOver;
  }

  get stats(): Stats {
    return this.#own.stats ?? this.#inner.stats;
  }

  allocate(byteLength: number): SecretBuffer {
    return this.#wrap((this.#own.allocate ?? this.#inner.allocate).call(this.#inner, byteLength));
  }

  random(byteLength: number): SecretBuffer {
    return this.#wrap((this.#own.random ?? this.#inner.random).call(this.#inner, byteLength));
  }

  move(source: Uint8Array): SecretBuffer {
    return this.#wrap((this.#own.move ?? this.#inner.move).call(this.#inner, source));
  }

  decode(source: Uint8Array, encoding: Encoding): SecretBuffer {
    const decode = this.#own.decode ?? this.#inner.decode;
    return this.#wrap(decode.call(this.#inner, source, encoding));
  }

  encode(secret: SecretBuffer, encoding: Encoding): SecretBuffer {
    const encode = this.#own.encode ?? this.#inner.encode;
    return this.#wrap(encode.call(this.#inner, innerOf(secret), encoding));
  }

  purge(): void {
    (this.#own.purge ?? this.#inner.purge).call(this.#inner);
  }

  [Symbol.dispose](): void {
    this.#inner[Symbol.dispose]();
  }
}
