import { optional } from "../../core/arguments/own.ts";
import type { CryptoEngine, Operation } from "../../core/contract/engine.ts";
import { FILE_KEY_BYTES, type Land } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import type { Fresh } from "../../core/fresh.ts";
import { hkdf } from "../crypto/hkdf.ts";
import { born, lend } from "../crypto/lend.ts";
import type { View } from "./bytes.ts";
import type { OnKeyUse } from "./key_use.ts";

/** What envelopes and the wrappers here work with. */
export interface EnvelopeContext {
  readonly secrets: Secrets;
  /** It has all of {@link ENVELOPE_OPERATIONS}. */
  readonly engine: CryptoEngine;
  readonly fresh: Fresh;
  readonly land: Land;
  /** Gets each use of a wrapper. */
  readonly onUse?: OnKeyUse | undefined;
}

export const ENVELOPE_OPERATIONS: readonly Operation[] = [
  "chacha20-poly1305",
  "hmac-sha256",
  "x25519",
];

/** What a wrapper leaves that uses these operations of the engine; null: nothing, as far as was measured. */
export function residueOf(
  { engine }: EnvelopeContext,
  operations: readonly Operation[],
): string | null {
  const left = operations.flatMap((operation) => {
    const copies = optional(engine.residue, operation);
    return copies === undefined ? [] : [`${operation}: ${copies}`];
  });
  return left.length === 0 ? null : left.join("; ");
}

/** Operations of the engine that wrap with X25519. */
export const X25519_OPERATIONS: readonly Operation[] = [...ENVELOPE_OPERATIONS, "keyed-hash"];

/** A tag of Poly1305. */
export const TAG_BYTES = 16;
/** The body of a stanza that holds a file key and its tag. */
export const BODY_BYTES: number = FILE_KEY_BYTES + TAG_BYTES;

const NOTHING: Uint8Array = new Uint8Array(0);
/** Each wrap key is used for one file key, so that its nonce may be fixed. */
const ZERO_NONCE: Uint8Array = new Uint8Array(12);

/** Lends the key that HKDF-SHA-256 derives from what two parties agreed on, which is destroyed before. */
export function withWrapKey<T>(
  { engine, secrets }: EnvelopeContext,
  shared: SecretBuffer,
  from: { readonly salt: View; readonly info: View },
  use: (wrapKey: SecretBuffer) => T,
): T {
  const wrapKey = useUp(shared, () => hkdf(engine, secrets, "sha256", shared, from));
  return useUp(wrapKey, use);
}

/** Encrypts a file key under a key that was derived for it alone. */
export function sealFileKey(
  { engine }: EnvelopeContext,
  wrapKey: SecretBuffer,
  fileKey: SecretBuffer,
): View {
  const body = new Uint8Array(new ArrayBuffer(BODY_BYTES));
  lend([wrapKey, fileKey], (wrapKey, fileKey) =>
    engine.chachaSeal(body, fileKey, NOTHING, ZERO_NONCE, wrapKey),
  );
  return body;
}

/** The reverse; null when it is not authentic. `body` has {@link BODY_BYTES}. */
export function openFileKey(
  { engine }: EnvelopeContext,
  wrapKey: SecretBuffer,
  body: Uint8Array,
  land: Land,
): SecretBuffer | null {
  let authentic = false;
  const fileKey = land(FILE_KEY_BYTES, (bytes) => {
    authentic = lend([wrapKey], (wrapKey) =>
      engine.chachaUnseal(bytes, body, NOTHING, ZERO_NONCE, wrapKey),
    );
  });
  if (authentic) return fileKey;
  fileKey.destroy();
  return null;
}

/**
 * 32 random bytes, which also depend on the file key where the engine has a keyed hash: two continuations of one image of
 * a process that draw the same random bytes for different file keys still get different ones.
 */
export function freshSecret(
  { secrets, engine }: EnvelopeContext,
  fileKey: SecretBuffer,
): SecretBuffer {
  const random = secrets.random(32);
  if (!engine.operations.has("keyed-hash")) return random;
  try {
    return born(secrets, 32, (bytes) =>
      lend([random, fileKey], (random, fileKey) => engine.keyedHash(bytes, fileKey, random)),
    );
  } finally {
    random.destroy();
  }
}

/** Lends a secret to `use` and destroys it, however `use` ends. */
export function useUp<T>(secret: SecretBuffer, use: (secret: SecretBuffer) => T): T {
  try {
    return use(secret);
  } finally {
    secret.destroy();
  }
}
