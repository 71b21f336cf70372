import { outOfRange } from "../../../core/arguments/argument_error.ts";
import { equalBytes, LetheError, type Operation, offHeapBytes } from "../../../core/mod.ts";
import { freshOf } from "../../../core/random.ts";
import { signChecked } from "../../crypto/key_pairs.ts";
import { makeNonce } from "../../crypto/nonce.ts";
import { KEY_BYTES, MAX_SECRET, NONCE_BYTES, TAG_BYTES } from "../protocol/limits.ts";
import { type Desk, type Handler, need } from "./desk.ts";
import { policyOf, TYPES } from "./keeping.ts";

/** Operations that use a secret where it is. None of them gives it away. */

export const sign: Handler = (desk, { fields, reply }) => {
  able(desk, "ed25519", "sign");
  const signature = offHeapBytes(64);
  desk.vault.use(need(fields.name), ["ed25519"], "stay", (secretKey) =>
    signChecked(desk.engine, signature, need(fields.data), secretKey),
  );
  reply({ data: signature });
};

export const hmac: Handler = (desk, { fields, reply }) => {
  const wide = fields.hash === "sha512";
  able(desk, wide ? "hmac-sha512" : "hmac-sha256", "authenticate");
  const tag = offHeapBytes(wide ? 64 : 32);
  const { engine } = desk;
  desk.vault.use(need(fields.name), ["key", "password"], "stay", (key) =>
    wide
      ? engine.hmacSha512(tag, need(fields.data), key)
      : engine.hmacSha256(tag, need(fields.data), key),
  );
  reply({ data: tag });
};

/** Gives nonce, ciphertext and tag of a secret that arrives. */
export const encrypt: Handler = ({ vault, engine, secrets }, { fields, arrival, reply }) => {
  const { byteLength, openInto } = need(arrival ?? undefined);
  const sealed = offHeapBytes(NONCE_BYTES + byteLength + TAG_BYTES);
  if (sealed.length > MAX_SECRET) throw outOfRange("Cannot encrypt secret as it is too long");
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const additional = fields.additional ?? NOTHING;
  vault.use(need(fields.name), ["key"], "stay", (key) => {
    checkKey(key, "encrypt");
    vault.bench(byteLength, (message) => {
      openInto(message);
      const target = sealed.subarray(NONCE_BYTES);
      makeNonce(nonce, freshOf(secrets), engine, key, message, additional);
      engine.aeadSeal(target, message, additional, nonce, key);
    });
  });
  reply({ data: sealed });
};

/** The reverse: the plaintext leaves, as a secret. */
export const decrypt: Handler = ({ vault, engine }, { fields, reply }) => {
  const sealed = need(fields.data);
  const byteLength = sealed.length - NONCE_BYTES - TAG_BYTES;
  if (byteLength < 1) throw outOfRange("Cannot decrypt data as it is too short to be sealed");
  const nonce = sealed.subarray(0, NONCE_BYTES);
  vault.use(need(fields.name), ["key"], "stay", (key) => {
    checkKey(key, "decrypt");
    vault.bench(byteLength, (message) => {
      const source = sealed.subarray(NONCE_BYTES);
      if (!engine.aeadUnseal(message, source, fields.additional ?? NOTHING, nonce, key)) {
        throw new LetheError(
          "ERR_LETHE_FORGED",
          "Cannot decrypt data: it was not sealed under this key, or it was altered",
        );
      }
      reply({}, message);
    });
  });
};

/** BLAKE2b keyed with the secret, over the context: a new key that stays in the custodian. */
export const derive: Handler = ({ vault, engine }, { fields, reply }) => {
  const { byteLength = 32 } = fields;
  if (!Number.isInteger(byteLength) || byteLength < 16 || byteLength > 64) {
    throw outOfRange("Cannot derive key as it must have from 16 to 64 bytes");
  }
  const context = need(fields.data);
  vault.assertFree(need(fields.other));
  vault.use(need(fields.name), ["key"], "stay", (key) => {
    if (key.length < 16 || key.length > 64) {
      throw outOfRange("Cannot derive key as the secret must have from 16 to 64 bytes");
    }
    vault.add(need(fields.other), "key", policyOf(fields), byteLength, (bytes) =>
      engine.keyedHash(bytes, context, key),
    );
  });
  reply({});
};

/** With a secret that arrives, or with another one of the custodian. */
export const equals: Handler = ({ vault }, { fields, arrival, reply }) => {
  const holds = vault.use(need(fields.name), TYPES, "stay", (left) => {
    if (arrival === null) {
      return vault.use(need(fields.other), TYPES, "stay", (right) => equalBytes(left, right));
    }
    return vault.bench(arrival.byteLength, (right) => {
      arrival.openInto(right);
      return equalBytes(left, right);
    });
  });
  reply({ holds });
};

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when the custodian's engine cannot do that */
export function able({ engine }: Desk, operation: Operation, verb: string): void {
  if (engine.operations.has(operation)) return;
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot ${verb} with secret: the custodian's engine, ${engine.name}, has no ${operation}`,
  );
}

function checkKey(key: Uint8Array, verb: string): void {
  if (key.length === KEY_BYTES) return;
  throw outOfRange(`Cannot ${verb} with secret as it must have ${KEY_BYTES} bytes`);
}

const NOTHING: Uint8Array = offHeapBytes(1).subarray(0, 0);
