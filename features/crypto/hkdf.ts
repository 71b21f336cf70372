import { publicBytes } from "../../core/arguments/check_bytes.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { bare } from "../../core/arguments/own.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { born, lend, messageOf, part } from "./lend.ts";
import type { HashName, HkdfOptions } from "./options.ts";

export const HASH_BYTES: Readonly<Record<HashName, number>> = { sha256: 32, sha512: 64 };

/** The engine's HMAC over one hash. */
export function hmacOf(engine: CryptoEngine, hash: HashName): CryptoEngine["hmacSha256"] {
  return hash === "sha256"
    ? (tag, message, key) => engine.hmacSha256(tag, message, key)
    : (tag, message, key) => engine.hmacSha512(tag, message, key);
}

/**
 * RFC 5869, sections 2.2 and 2.3. What lies between is one more secret, destroyed at the end:
 *
 *     | PRK | T(i) | T(i - 1) | info | i |
 */
export function hkdf(
  engine: CryptoEngine,
  secrets: Secrets,
  hash: HashName,
  secret: SecretBuffer,
  options: Readonly<Partial<HkdfOptions>>,
): SecretBuffer {
  const size = HASH_BYTES[hash];
  const {
    salt: givenSalt = new Uint8Array(size),
    info: givenInfo = new Uint8Array(0),
    byteLength = 32,
  } = bare(options);
  const salt = messageOf(givenSalt, "derive key", "salt");
  const info = publicBytes(givenInfo, "derive key", "info");
  checkInteger(byteLength, "derive key", "byteLength", 1, 255 * size);
  const hmac = hmacOf(engine, hash);
  const between = secrets.allocate(3 * size + info.length + 1);
  try {
    return born(secrets, byteLength, (key) =>
      between.modify((bytes) => {
        const prk = part(bytes, 0, size);
        const block = part(bytes, size, size);
        const last = part(bytes, 2 * size, size);
        lend([secret, salt], (secret, salt) => hmac(prk, secret, salt));
        part(bytes, 3 * size, info.length).set(info);
        for (let index = 0; index * size < byteLength; index++) {
          bytes[bytes.length - 1] = index + 1;
          // T(0) is empty, so that the first message starts after its place.
          const start = index === 0 ? 3 * size : 2 * size;
          hmac(block, part(bytes, start, bytes.length - start), prk);
          last.set(block);
          const wanted = Math.min(size, byteLength - index * size);
          key.set(part(block, 0, wanted), index * size);
        }
      }),
    );
  } finally {
    between.destroy();
  }
}
