import type { SecretBuffer, Secrets, StandardSecretV1 } from "../../core/mod.ts";
import { through } from "./through.ts";
import type { Entry } from "./tried.ts";

/** Makes a secret of another library, of these bytes or of 32 others. */
export type MakeLender = (content?: Uint8Array<ArrayBuffer>) => StandardSecretV1;

/**
 * Every parameter that reads a secret or bytes that may be one, as a call that gives it a lender: it resolves
 * to an empty text when the outcome is the one for the same bytes in a secret of these `secrets`.
 */
export function readers(
  entry: Entry,
  secrets: Secrets,
  make: MakeLender,
): Readonly<Record<string, () => Promise<string>>> {
  const crypto = entry.openCrypto(secrets);
  const lender = make();
  const plain = Uint8Array.of(1, 2, 3);
  const cost = { passes: 1, memoryBytes: 8192 };
  const held = <T extends object>(value: T): T => {
    made.push(value);
    return value;
  };
  const made: object[] = [];
  /** The same call with a copy of the bytes as a secret of its own. */
  const alike = (call: (secret: StandardSecretV1) => object): (() => boolean) => {
    return () => {
      const own = held(secrets.adopt(lender));
      const [ours, other] = [held(call(own)), held(call(lender))];
      return sameOf(ours, other);
    };
  };
  const sameOf = (left: object, right: object): boolean =>
    entry.equalBytes(left as StandardSecretV1, right as StandardSecretV1);
  const opens = (encrypted: Uint8Array, key: StandardSecretV1 = lender): boolean =>
    held(crypto.decrypt(key, encrypted)).byteLength > 0;
  const calls: Readonly<Record<string, () => unknown>> = {
    adopt: alike((secret) => secrets.adopt(secret)),
    equals: () => held(secrets.adopt(lender)).equals(lender),
    equalBytes: () => entry.equalBytes(lender, lender),
    encode: alike((secret) => secrets.encode(secret, "hex")),
    "encrypt key and message": () => opens(crypto.encrypt(lender, lender)),
    "decrypt key": () => opens(crypto.encrypt(held(secrets.adopt(lender)), plain)),
    "isAuthentic key": () => crypto.isAuthentic(lender, crypto.encrypt(lender, plain)),
    "keyedHash key and message": alike((secret) => crypto.keyedHash(secret, secret)),
    "hmac key and message": alike((secret) => crypto.hmac(secret, secret)),
    "verifyHmac key and message": () =>
      crypto.verifyHmac(
        lender,
        lender,
        held(crypto.hmac(lender, lender)).expose((bytes) => Uint8Array.from(bytes)),
      ),
    "hkdf secret and salt": alike((secret) => crypto.hkdf(secret, { salt: secret })),
    "deriveSubkey key": alike((secret) => crypto.deriveSubkey(secret, 1, new Uint8Array(8))),
    "argon2id password": alike((secret) => crypto.argon2id(secret, new Uint8Array(16), cost)),
    "hashPassword and verifyPassword": () =>
      crypto.verifyPassword(lender, crypto.hashPassword(lender, cost)),
    "signKeyPair seed": alike((secret) => held(crypto.signKeyPair(secret)).secretKey),
    "sign message": () => {
      const { publicKey, secretKey } = crypto.signKeyPair();
      held(secretKey);
      return crypto.verify(publicKey, lender, crypto.sign(secretKey, lender));
    },
    "agreeKeyPair secretKey": alike((secret) => held(crypto.agreeKeyPair(secret)).secretKey),
    "agree secretKey": () => {
      const peer = crypto.agreeKeyPair();
      held(peer.secretKey);
      return held(crypto.agree(lender, peer.publicKey)).byteLength === 32;
    },
    "sealBox message and unsealBox secretKey": () => {
      const { publicKey, secretKey } = crypto.agreeKeyPair(lender);
      held(secretKey);
      const box = crypto.sealBox(publicKey, lender);
      return held(crypto.unsealBox({ publicKey, secretKey: lender }, box)).equals(lender);
    },
    "parseKey source": alike(
      (secret) => entry.parseKey(secrets, secret, { raw: "x25519" }).secretKey,
    ),
    "formatKey secretKey and passphrase, and parseKey passphrase": () => {
      const { publicKey, secretKey } = crypto.agreeKeyPair(lender);
      held(secretKey);
      const file = held(
        entry.formatKey(
          secrets,
          { type: "x25519", publicKey, secretKey: lender },
          { format: "pkcs8", passphrase: lender, cost: 1000 },
        ),
      );
      return held(entry.parseKey(secrets, file, { passphrase: lender }).secretKey).equals(lender);
    },
    "sealStream and unsealStream key and chunk": async () => {
      const enclaves = entry.openEnclaves(secrets);
      const sealed = await through(enclaves.sealStream({ key: lender }), [lender]);
      const [opened] = await through(enclaves.unsealStream({ key: lender }), sealed);
      return held(opened as SecretBuffer).equals(lender);
    },
  };
  return Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [
      name,
      async () => {
        try {
          return (await call()) === true ? "" : "another outcome";
        } catch (error) {
          return String(error);
        } finally {
          for (const one of made.splice(0)) (one as { destroy?(): void }).destroy?.();
        }
      },
    ]),
  );
}
