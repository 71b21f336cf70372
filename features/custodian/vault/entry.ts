import type { Deadline } from "../../../system/deadline.ts";
import type { HeapKeyPair } from "./heap_key_pair.ts";
import { KEY_PAIR_TYPES, type KeyPairType, type KeyPlace } from "./key_pair_types.ts";

/** What a secret is: what it can be used for follows. */
export type SecretType = "password" | "key" | "x25519" | KeyPairType;

export const ANY_TYPE: readonly SecretType[] = ["password", "key", "x25519", ...KEY_PAIR_TYPES];

/** The public facts about a secret: neither bytes nor length. */
export interface SecretStatus {
  /** Its name. */
  readonly name: string;
  /** What it can be used for. */
  readonly type: SecretType;
  /** Where it is: `secure heap` only for a key pair that was put there. */
  readonly place: KeyPlace;
  /** Whether `expose` may hand it to the application. */
  readonly mayLeave: boolean;
  /** Uses that are left; null for no limit. */
  readonly uses: number | null;
  /** Milliseconds since 1970; null for never. */
  readonly expires: number | null;
}

/** A secret of a vault. */
export interface Entry {
  /** In the order in which they came; never given again. */
  readonly number: number;
  readonly name: string;
  readonly type: SecretType;
  readonly place: KeyPlace;
  readonly mayLeave: boolean;
  readonly expires: Deadline;
  uses: number;
  /** Null once the secret has come to its end by its policy. */
  content: Sealed | HeapKeyPair | null;
}

/** A secret at rest. */
export interface Sealed {
  /** Ciphertext and tag. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly nonce: Uint8Array<ArrayBuffer>;
  /** What the seal is bound to, so that one secret's bytes never open as another's. */
  readonly label: Uint8Array;
}

export function statusOf({ name, type, place, mayLeave, uses, expires }: Entry): SecretStatus {
  return {
    name,
    type,
    place,
    mayLeave,
    uses: uses === Infinity ? null : uses,
    expires: expires.wall === Infinity ? null : expires.wall,
  };
}
