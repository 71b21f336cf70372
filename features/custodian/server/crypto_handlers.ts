import { outOfRange, wrongType } from "../../../core/arguments/argument_error.ts";
import { KEY_BYTES, NONCE_BYTES, TAG_BYTES } from "../../../core/contract/sizes.ts";
import { freshOf } from "../../../core/fresh.ts";
import { equalBytes, LetheError, offHeapBytes } from "../../../core/mod.ts";
import { checkNotZero } from "../../crypto/check_key.ts";
import { makeNonce } from "../../crypto/nonce.ts";
import { decryptOaep, noOaep, openOaep } from "../../keys/decryption.ts";
import type { Fields } from "../protocol/fields.ts";
import { ANY_TYPE, type SecretType } from "../vault/entry.ts";
import { HeapKeyPair } from "../vault/heap_key_pair.ts";
import { KEY_PAIR_TYPES, type KeyPairType, RSA_HASHES } from "../vault/key_pair_types.ts";
import { able } from "./able.ts";
import { type Handler, type HandlerContext, need, type Request } from "./handler_context.ts";
import { signInHeap, signWith } from "./key_pairs.ts";
import { policyOf } from "./storage_handlers.ts";

/** Operations that use a secret where it is. None of them gives it away. */

export const sign: Handler = (context, request) => {
  const { name, hash, padding } = request.fields;
  const signature = context.vault.use(
    need(name),
    KEY_PAIR_TYPES,
    "stay",
    (secretKey, type) =>
      withMessage(context, request, (message) =>
        signWith(context, type as KeyPairType, secretKey, message, { hash, padding }),
      ),
    (pair) =>
      withMessage(context, request, (message) => signInHeap(pair, message, { hash, padding })),
  );
  request.reply({ data: signature });
};

/** The tag leaves, as a secret. */
export const hmac: Handler = (context, request) =>
  withTag(context, request, (tag) => request.reply({}, tag));

export const verifyHmac: Handler = (context, request) =>
  withTag(context, request, (expected) => {
    const tag = need(request.fields.tag);
    request.reply({ holds: tag.length === expected.length && equalBytes(expected, tag) });
  });

/** Lends the HMAC of the message, in secret memory. */
function withTag(context: HandlerContext, request: Request, use: (tag: Uint8Array) => void): void {
  const { vault, engine } = context;
  const { name, hash } = request.fields;
  const wide = hash === "sha512";
  able(context, wide ? "hmac-sha512" : "hmac-sha256", "authenticate");
  vault.use(need(name), ["key", "password"], "stay", (key) => {
    checkNotZero(key, "authenticate", "secret");
    vault.withScratch(wide ? 64 : 32, (tag) => {
      withMessage(context, request, (message) =>
        wide ? engine.hmacSha512(tag, message, key) : engine.hmacSha256(tag, message, key),
      );
      use(tag);
    });
  });
}

export const encrypt: Handler = (context, request) => {
  const { vault, engine, secrets } = context;
  const { name, additional = NOTHING } = request.fields;
  vault.use(need(name), ["key"], "stay", (key) => {
    checkKey(key, "encrypt");
    withMessage(context, request, (message) => {
      const encrypted = offHeapBytes(NONCE_BYTES + message.length + TAG_BYTES);
      const nonce = encrypted.subarray(0, NONCE_BYTES);
      makeNonce(nonce, freshOf(secrets), engine, key, message, additional);
      engine.aeadSeal(encrypted.subarray(NONCE_BYTES), message, additional, nonce, key);
      request.reply({ data: encrypted });
    });
  });
};

/** The reverse, by the type of the key: the plaintext leaves, as a secret. */
export const decrypt: Handler = (context, { fields, reply }) => {
  const open = (key: Uint8Array<ArrayBuffer>, type: SecretType): void => {
    if (type === "rsa") {
      decryptByRsa(context, fields, key, (message) => reply({}, message));
      return;
    }
    if (fields.hash !== undefined) {
      throw wrongType("Cannot decrypt with secret as hash must be left out: it is not an RSA key");
    }
    const opens = unsealed(context, fields, key, "decrypt", (message) => reply({}, message));
    if (!opens) throw forged();
    if (need(fields.data).length === OVERHEAD_BYTES) throw emptyMessage();
  };
  context.vault.use(need(fields.name), ["key", "rsa"], "stay", open, (pair) =>
    decryptByRsa(context, fields, pair, (message) => reply({}, message)),
  );
};

function decryptByRsa(
  { secrets }: HandlerContext,
  { hash = "sha256", data, additional = NOTHING }: Fields,
  key: Uint8Array<ArrayBuffer> | HeapKeyPair,
  use: (message: Uint8Array) => void,
): void {
  const chosen = RSA_HASHES.find((known) => known === hash);
  if (chosen === undefined) {
    throw wrongType(`Cannot decrypt as hash must be one of ${RSA_HASHES.join(", ")}`);
  }
  const useSome = (message: Uint8Array): void => {
    if (message.length === 0) throw emptyMessage();
    use(message);
  };
  const sealed = need(data);
  if (!(key instanceof HeapKeyPair)) {
    decryptOaep(secrets, key, chosen, additional, sealed, useSome);
    return;
  }
  key.power(sealed, (encoded) => {
    if (encoded.length !== sealed.length) throw noOaep();
    openOaep(secrets, chosen, additional, encoded, useSome);
  });
}

export const isAuthentic: Handler = (context, { fields, reply }) => {
  context.vault.use(need(fields.name), ["key"], "stay", (key) =>
    reply({ holds: unsealed(context, fields, key, "authenticate", () => undefined) }),
  );
};

/** Lends the message of what was encrypted to `use`, unless it is empty. False: it is not authentic. */
function unsealed(
  { vault, engine }: HandlerContext,
  fields: Fields,
  key: Uint8Array,
  verb: string,
  use: (message: Uint8Array) => void,
): boolean {
  const encrypted = need(fields.data);
  const additional = fields.additional ?? NOTHING;
  const nonce = encrypted.subarray(0, NONCE_BYTES);
  const sealed = encrypted.subarray(NONCE_BYTES);
  const byteLength = sealed.length - TAG_BYTES;
  checkKey(key, verb);
  if (byteLength < 0) return false;
  if (byteLength === 0) return engine.aeadUnseal(NOTHING, sealed, additional, nonce, key);
  return vault.withScratch(byteLength, (message) => {
    if (!engine.aeadUnseal(message, sealed, additional, nonce, key)) return false;
    use(message);
    return true;
  });
}

function emptyMessage(): RangeError {
  return outOfRange(
    "Cannot decrypt into a secret as the message is empty; use isAuthentic() where that may be",
  );
}

function forged(): LetheError {
  return new LetheError(
    "ERR_LETHE_FORGED",
    "Cannot decrypt: the ciphertext is not authentic; it was altered or cut, or made with another key or other additional data",
  );
}

/** Lends a message: a secret that arrives, in secret memory, or the plain bytes of the request. */
function withMessage<T>(
  { vault }: HandlerContext,
  { fields, arrival }: Request,
  use: (message: Uint8Array) => T,
): T {
  if (arrival === null) return use(need(fields.data));
  return vault.withScratch(arrival.byteLength, (message) => {
    arrival.openInto(message);
    return use(message);
  });
}

/** BLAKE2b keyed with the secret, over the context: a new key that stays in the custodian. */
export const derive: Handler = ({ vault, engine }, { fields, reply }) => {
  const { byteLength = 32 } = fields;
  if (!Number.isInteger(byteLength) || byteLength < 16 || byteLength > 64) {
    throw outOfRange("Cannot derive key as it must have from 16 to 64 bytes");
  }
  const label = need(fields.data);
  vault.assertFree(need(fields.other));
  vault.use(need(fields.name), ["key"], "stay", (key) => {
    if (key.length < 16 || key.length > 64) {
      throw outOfRange("Cannot derive key as the secret must have from 16 to 64 bytes");
    }
    checkNotZero(key, "derive key", "secret");
    vault.add(need(fields.other), "key", policyOf(fields), byteLength, (bytes) =>
      engine.keyedHash(bytes, label, key),
    );
  });
  reply({});
};

/** With a secret that arrives, or with another one of the custodian. */
export const equals: Handler = ({ vault }, { fields, arrival, reply }) => {
  const holds = vault.use(need(fields.name), ANY_TYPE, "stay", (left) => {
    if (arrival === null) {
      return vault.use(need(fields.other), ANY_TYPE, "stay", (right) => equalBytes(left, right));
    }
    return vault.withScratch(arrival.byteLength, (right) => {
      arrival.openInto(right);
      return equalBytes(left, right);
    });
  });
  reply({ holds });
};

function checkKey(key: Uint8Array, verb: string): void {
  if (key.length !== KEY_BYTES) {
    throw outOfRange(`Cannot ${verb} with secret as it must have ${KEY_BYTES} bytes`);
  }
  checkNotZero(key, verb, "secret");
}

const OVERHEAD_BYTES: number = NONCE_BYTES + TAG_BYTES;
const NOTHING: Uint8Array = offHeapBytes(1).subarray(0, 0);
