import type { CryptoEngine, Operation } from "../../../core/contract/engine.ts";
import type { SecretBuffer } from "../../../core/contract/secret_buffer.ts";
import type { SecretCrypto } from "../../../features/crypto/crypto.ts";

/** A use of an operation that a scan is made behind. */
export interface Use {
  /** Lengths of the secrets that go in. */
  readonly lengths: readonly number[];
  /** How many copies of each the results hold, for those of which any do. */
  readonly kept?: readonly number[];
  /** What comes out: secrets, and what is public, from which the scanner computes the rest. */
  run(crypto: SecretCrypto, secrets: readonly SecretBuffer[], engine: CryptoEngine): Outcome;
}

export interface Outcome {
  readonly secrets: readonly SecretBuffer[];
  readonly open?: Uint8Array;
}

function refuses(run: () => unknown): void {
  try {
    run();
  } catch {
    return;
  }
  throw new Error("a malformed key was used");
}

type One = readonly [SecretBuffer];
type Two = readonly [SecretBuffer, SecretBuffer];

/** Bytes that count up: a salt, a context, another's public key. */
export function counting(length: number, first: number = 1): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => first + index);
}

/** Public, and the same for scanner and target. */
export const OTHER_PUBLIC_KEY: Uint8Array<ArrayBuffer> = Uint8Array.from(
  // RFC 7748, section 6.1: Bob's.
  [
    0xde, 0x9e, 0xdb, 0x7d, 0x7b, 0x7d, 0xc1, 0xb4, 0xd3, 0x5b, 0x61, 0xc2, 0xec, 0xe4, 0x35, 0x37,
    0x3f, 0x83, 0x43, 0xc8, 0x5b, 0x78, 0x67, 0x4d, 0xad, 0xfc, 0x7e, 0x14, 0x6f, 0x88, 0x2b, 0x4f,
  ],
);

/** Each operation through the public face, on secrets alone where it can be. */
export const USES: Readonly<Record<Operation | "hkdf", Use>> = {
  aead: {
    lengths: [32, 100],
    kept: [0, 1],
    run(crypto, secrets) {
      const [key, message] = secrets as Two;
      const options = { additional: counting(20) };
      const open = crypto.encrypt(key, message, options);
      const forged = open.slice();
      forged[30] = (forged[30] as number) ^ 1;
      crypto.isAuthentic(key, forged, options);
      return { secrets: [crypto.decrypt(key, open, options)], open };
    },
  },
  // No public call has it: envelopes lend the engine their keys and payloads.
  "chacha20-poly1305": {
    lengths: [32, 100],
    run(_crypto, secrets, engine) {
      const [key, message] = secrets as Two;
      const open = new Uint8Array(new ArrayBuffer(message.byteLength + 16));
      const [nonce, additional] = [counting(12), counting(20)];
      key.expose((key) => {
        message.expose((bytes) => engine.chachaSeal(open, bytes, additional, nonce, key));
        message.modify((bytes) => {
          const forged = open.slice();
          forged[30] = (forged[30] as number) ^ 1;
          engine.chachaUnseal(bytes, forged, additional, nonce, key);
          engine.chachaUnseal(bytes, open, additional, nonce, key);
        });
      });
      return { secrets: [], open };
    },
  },
  "hmac-sha256": {
    lengths: [32, 200],
    run(crypto, secrets) {
      const [key, message] = secrets as Two;
      return {
        secrets: [crypto.hmac(key, message), crypto.hmac(message, key)],
      };
    },
  },
  "hmac-sha512": {
    lengths: [32, 200],
    run(crypto, secrets) {
      const [key, message] = secrets as Two;
      return {
        secrets: [
          crypto.hmac(key, message, { hash: "sha512" }),
          crypto.hmac(message, key, { hash: "sha512" }),
        ],
      };
    },
  },
  hkdf: {
    lengths: [32, 16],
    run(crypto, secrets) {
      const [secret, salt] = secrets as Two;
      const options = { salt, info: counting(10), byteLength: 100 };
      return { secrets: [crypto.hkdf(secret, options)] };
    },
  },
  ed25519: {
    lengths: [32, 100],
    kept: [1, 0],
    run(crypto, secrets) {
      const [seed, message] = secrets as Two;
      const { publicKey, secretKey } = crypto.signKeyPair(seed);
      const signature = crypto.sign(secretKey, message);
      crypto.verify(publicKey, message, signature);
      const flip = (): void =>
        secretKey.modify((bytes) => {
          bytes[40] = (bytes[40] as number) ^ 1;
        });
      flip();
      refuses(() => crypto.sign(secretKey, message));
      flip();
      return { secrets: [secretKey] };
    },
  },
  x25519: {
    lengths: [32],
    kept: [1],
    run(crypto, secrets) {
      const [own] = secrets as One;
      const { secretKey } = crypto.agreeKeyPair(own);
      return { secrets: [secretKey, crypto.agree(secretKey, OTHER_PUBLIC_KEY)] };
    },
  },
  box: {
    lengths: [32, 100],
    kept: [1, 1],
    run(crypto, secrets) {
      const [own, message] = secrets as Two;
      const pair = crypto.agreeKeyPair(own);
      const open = crypto.sealBox(pair.publicKey, message);
      return { secrets: [pair.secretKey, crypto.unsealBox(pair, open)], open };
    },
  },
  "keyed-hash": {
    lengths: [32, 200],
    run(crypto, secrets) {
      const [key, message] = secrets as Two;
      return {
        secrets: [
          crypto.keyedHash(key, message),
          crypto.keyedHash(key, message, { byteLength: 64 }),
        ],
      };
    },
  },
  subkey: {
    lengths: [32],
    run(crypto, secrets) {
      const [key] = secrets as One;
      return { secrets: [crypto.deriveSubkey(key, 7, counting(8), { byteLength: 64 })] };
    },
  },
  argon2id: {
    lengths: [40],
    run(crypto, secrets) {
      const [password] = secrets as One;
      const cost = { passes: 2, memoryBytes: 2 ** 20, byteLength: 32 };
      return { secrets: [crypto.argon2id(password, counting(16), cost)] };
    },
  },
};
