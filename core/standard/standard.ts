/**
 * The standard for libraries that take secrets: an object that lends its bytes and never gives them. These
 * types are made to be copied into any library, which then needs no dependency: see docs/standard.md.
 *
 * - LENDER-1: `value["~secret"]` has `version` 1, the name of its vendor, a `byteLength` from 0 on and `expose`
 * - LENDER-2: `expose` calls `use` once, before it returns
 * - LENDER-3: `use` gets a `Uint8Array` of `byteLength` bytes, whose buffer is neither shared nor resizable
 * - LENDER-4: `expose` gives what `use` returned
 * - LENDER-5: it throws what `use` threw, the same object
 * - LENDER-6: it can be called again inside `use`, as often as one likes, and lends the same bytes
 * - LENDER-7: after `use` returned or threw, its view is empty, or holds something else
 * - LENDER-8: no conversion to text, JSON or enumeration of the object shows a byte
 *
 * A taker reads the bytes inside `use`, writes none, and is done with them when `use` returns. `use` is
 * synchronous: a lender may keep the bytes until a promise settles, and no taker may rely on that.
 */
export interface StandardSecretV1 {
  /** The way to the bytes. Absent on everything that is no such secret. */
  readonly "~secret": StandardSecretV1Lending;
}

/** How a {@link StandardSecretV1} lends its bytes. */
export interface StandardSecretV1Lending {
  /** Another number is another contract. */
  readonly version: 1;
  /** The library that made it, for messages. */
  readonly vendor: string;
  /** Length in bytes. It is public. */
  readonly byteLength: number;
  /** Lends the bytes for the time of `use`. Throws when they are gone. */
  readonly expose: <T>(use: (bytes: Uint8Array<ArrayBuffer>) => T) => T;
}

/** What a library takes that wants bytes: plain ones, or a secret that lends them. */
export type SecretInput = Uint8Array | StandardSecretV1;
