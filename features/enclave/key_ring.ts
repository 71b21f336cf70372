import type { Region, SecretMemory } from "../../core/contract/memory.ts";
import { tryAll } from "../../core/try_all.ts";
import { SessionKey } from "./session_key.ts";

/**
 * The session keys of a store: one, and while it is rekeyed the one before.
 *
 * A key whose end failed may be half wiped. It seals and opens nothing any more, and is not forgotten
 * either: its end is tried again with the next one's.
 */
export class KeyRing {
  readonly #memory: SecretMemory;
  readonly #allocate: (byteLength: number) => Region;
  /** The newest first: its ciphertexts have the largest counts. */
  #keys: SessionKey[] = [];
  #ending: SessionKey[] = [];

  /** @param allocate gives the region of a key */
  constructor(memory: SecretMemory, allocate: (byteLength: number) => Region) {
    this.#memory = memory;
    this.#allocate = allocate;
  }

  /** The newest first. */
  get keys(): readonly SessionKey[] {
    return this.#keys;
  }

  get newest(): SessionKey | undefined {
    return this.#keys.at(0);
  }

  /** Whether nothing is left of any key. */
  get empty(): boolean {
    return this.#keys.length === 0 && this.#ending.length === 0;
  }

  /** A fresh key, for the ciphertexts from the count `first` on. */
  add(first: number): SessionKey {
    const key = new SessionKey(this.#memory, this.#allocate, first);
    try {
      key.draw();
    } catch (error) {
      this.#end([key]);
      throw error;
    }
    this.#keys.unshift(key);
    return key;
  }

  /** The key that a ciphertext is under. */
  of(count: number): SessionKey {
    const { length } = this.#keys;
    if (length === 1) return this.#keys[0] as SessionKey;
    return (this.#keys.find(({ first }) => first <= count) ?? this.#keys[length - 1]) as SessionKey;
  }

  split(): void {
    tryAll(this.#keys.map((key) => () => key.split()));
  }

  /** Ends the keys that are older than this one. */
  dropBefore(key: SessionKey): void {
    const old = this.#keys.filter(({ first }) => first < key.first);
    this.#keys = this.#keys.filter(({ first }) => first >= key.first);
    this.#end(old);
  }

  /** Ends one key. */
  drop(key: SessionKey): void {
    this.#keys = this.#keys.filter((other) => other !== key);
    this.#end([key]);
  }

  /** Ends all keys. */
  clear(): void {
    this.#end(this.#keys.splice(0));
  }

  /** Tries again what failed. */
  settle(): void {
    this.#end([]);
  }

  #end(keys: readonly SessionKey[]): void {
    this.#ending.push(...keys);
    const end = (key: SessionKey): void => {
      key.destroy();
      this.#ending = this.#ending.filter((other) => other !== key);
    };
    tryAll(this.#ending.map((key) => () => end(key)));
  }
}
