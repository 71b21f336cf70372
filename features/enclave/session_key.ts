import { offHeapBytes } from "../../core/bytes.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { Region, SecretMemory } from "../../core/contract/memory.ts";
import { KEY_BYTES, NONCE_BYTES } from "../../core/contract/sizes.ts";
import { type Fresh, freshBy } from "../../core/fresh.ts";
import { randomize } from "../../core/random.ts";
import { makeNonce } from "../crypto/nonce.ts";

/** Bytes of an XChaCha20-Poly1305 key and nonce (draft-irtf-cfrg-xchacha-03). */

/** Two words of 32 bits. */
export type Salt = readonly [number, number];

/** Where the halves begin: on pages of 4 KiB never on the same one. */
const LEFT = 0;
const RIGHT = 4096;
/** Where the key is put together. */
const WORKING: number = RIGHT + KEY_BYTES;
const REGION_BYTES: number = WORKING + KEY_BYTES;

/**
 * A key that is never whole at rest: `left` is random, `right` is the key XOR `left`.
 *
 *     | left half | ...            | right half | working slot |
 *       first page                   second page, at its end
 *
 * Both halves and the working slot are one region of two pages, closed at rest, so that a use takes
 * one opening and one closing of pages: `begin` puts the halves together in the working slot, `end`
 * wipes it and closes. Two regions would take twice the system calls, and whoever gets through the
 * protection of one gets through that of the other. What the split is for needs only two pages: one
 * page that leaks (swap, a dump, frozen RAM) tells nothing, and since {@link SessionKey.split} draws
 * the halves anew, neither do two pages that leak at different times.
 *
 * XOR and not a hash, because the engine would otherwise handle a second secret and a failing bit
 * would cost no more: it is done here, a byte at a time, and a byte never becomes an object.
 *
 * What it does not stop: code of this process that calls `begin`, and a reader of both pages at once.
 */
export class SessionKey {
  /** Ciphertexts from this count on are under this key, up to the next key's. */
  readonly first: number;
  readonly #memory: SecretMemory;
  readonly #fresh: Fresh;
  readonly #region: Region;
  /** All of the region and its working slot, between `begin` and `end`. Else they are detached. */
  #bytes: Uint8Array<ArrayBuffer> = NO_BYTES;
  #key: Uint8Array<ArrayBuffer> = NO_BYTES;
  readonly #nonce: Uint8Array<ArrayBuffer> = offHeapBytes(NONCE_BYTES);
  /** The part of the nonce that is drawn for each encryption, and its words. */
  readonly #drawn: Uint8Array<ArrayBuffer>;
  readonly #salt: Uint32Array<ArrayBuffer>;
  readonly #count: Uint32Array<ArrayBuffer>;
  #destroyed = false;

  /**
   * @param allocate gives the region
   * @param first see {@link SessionKey.first}; larger than every count used before
   */
  constructor(memory: SecretMemory, allocate: (byteLength: number) => Region, first: number) {
    this.first = first;
    this.#memory = memory;
    this.#drawn = new Uint8Array(this.#nonce.buffer, PREFIX_BYTES, SALT_BYTES);
    this.#salt = new Uint32Array(this.#nonce.buffer, PREFIX_BYTES, 2);
    this.#count = new Uint32Array(this.#nonce.buffer, PREFIX_BYTES + SALT_BYTES, 2);
    this.#fresh = freshBy(memory);
    this.#fresh.fill(this.#nonce);
    this.#region = allocate(REGION_BYTES);
  }

  /** Draws the key, once and before its first use. */
  draw(): void {
    this.#within(() => {
      // Halves of zeros become those of the key by the same steps as at any later splitting.
      randomize(this.#memory, this.#key);
      xor(this.#bytes, RIGHT, WORKING);
      this.#splitOpen();
    });
  }

  /** Opens the pages and puts the key together. Nothing but an engine runs until {@link end}. */
  begin(): void {
    try {
      this.#open();
      xor(this.#bytes, WORKING, LEFT);
      xor(this.#bytes, WORKING, RIGHT);
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Wipes the key and closes the pages. */
  end(): void {
    if (this.#key.length > 0) this.#key.fill(0);
    this.#region.detach();
    this.#region.protect("no-access");
  }

  /**
   * Between `begin` and `end`. `sealed` takes 16 bytes more than `message`.
   *
   *     nonce: random prefix of this key 8 | salt 8 | count 8
   *
   * The store raises `count` before each call and never lowers it, so no two calls under a key have the
   * same nonce. Two continuations of one image of this process have key and count in common, and so there
   * is a salt, made for each: see {@link makeNonce}.
   *
   * @returns the salt, which is kept beside the ciphertext
   */
  encrypt(
    engine: CryptoEngine,
    sealed: Uint8Array,
    message: Uint8Array,
    additional: Uint8Array,
    count: number,
  ): Salt {
    makeNonce(this.#drawn, this.#fresh, engine, this.#key, message);
    const salt = [this.#salt[0] as number, this.#salt[1] as number] as const;
    engine.aeadSeal(sealed, message, additional, this.#nonceOf(count, salt), this.#key);
    return salt;
  }

  /** Between `begin` and `end`. False when it is not authentic, and then `message` is all zero. */
  decrypt(
    engine: CryptoEngine,
    message: Uint8Array,
    sealed: Uint8Array,
    additional: Uint8Array,
    count: number,
    salt: Salt,
  ): boolean {
    return engine.aeadUnseal(message, sealed, additional, this.#nonceOf(count, salt), this.#key);
  }

  /** Draws the halves anew. The key stays the same, and is not put together for it. */
  split(): void {
    this.#within(() => this.#splitOpen());
  }

  /** Wipes both halves and gives the pages back. Idempotent. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#region.protect("read-write");
    this.#region.wipe();
    this.#region.detach();
    this.#region.protect("no-access");
    this.#destroyed = true;
    this.#region.release();
  }

  #within(work: () => void): void {
    try {
      this.#open();
      work();
    } finally {
      this.end();
    }
  }

  /** The working slot is zero at rest. */
  #open(): void {
    this.#region.protect("read-write");
    this.#bytes = this.#region.view();
    const { buffer, byteOffset } = this.#bytes;
    this.#key = new Uint8Array(buffer, byteOffset + WORKING, KEY_BYTES);
  }

  /** The working slot takes what changes in both halves: random bytes, of no worth afterwards. */
  #splitOpen(): void {
    randomize(this.#memory, this.#key);
    xor(this.#bytes, LEFT, WORKING);
    xor(this.#bytes, RIGHT, WORKING);
  }

  #nonceOf(count: number, [low, high]: Salt): Uint8Array<ArrayBuffer> {
    this.#salt[0] = low;
    this.#salt[1] = high;
    this.#count[0] = count % WORD;
    this.#count[1] = Math.floor(count / WORD);
    return this.#nonce;
  }
}

/** What is said when `decrypt` gave false. */
export const FORGED =
  "Cannot open enclave: its sealed bytes are not those that were sealed; something wrote to them";
const WORD: number = 2 ** 32;
const PREFIX_BYTES = 8;
const SALT_BYTES = 8;
const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(new ArrayBuffer(0));

/** A byte at a time: a word of 32 bits could become a number object on the collected heap. */
function xor(bytes: Uint8Array, target: number, source: number): void {
  for (let index = 0; index < KEY_BYTES; index++) {
    const both = (bytes[target + index] as number) ^ (bytes[source + index] as number);
    bytes[target + index] = both;
  }
}
