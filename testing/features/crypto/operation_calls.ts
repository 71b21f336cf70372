import type { CryptoEngine, Operation } from "../../../core/contract/engine.ts";

/** Where the secret bytes of a call come from. */
type Source = (byteLength: number) => Uint8Array;

/** A call of each operation that takes all its code paths, on secrets alone. */
export const OPERATION_CALLS: Readonly<
  Record<Operation, (engine: CryptoEngine, secret: Source, length: number) => void>
> = {
  aead(engine, secret, length) {
    const [message, key, nonce] = [secret(length), secret(32), secret(24)];
    const sealed = new Uint8Array(length + 16);
    engine.aeadSeal(sealed, message, secret(length), nonce, key);
    engine.aeadUnseal(message, sealed, secret(length), nonce, key);
    sealed[0] = (sealed[0] as number) ^ 1;
    engine.aeadUnseal(message, sealed, secret(length), nonce, key);
  },
  "chacha20-poly1305"(engine, secret, length) {
    const [message, key, nonce] = [secret(length), secret(32), secret(12)];
    const sealed = new Uint8Array(length + 16);
    engine.chachaSeal(sealed, message, secret(length), nonce, key);
    engine.chachaUnseal(message, sealed, secret(length), nonce, key);
    sealed[0] = (sealed[0] as number) ^ 1;
    engine.chachaUnseal(message, sealed, secret(length), nonce, key);
  },
  "keyed-hash"(engine, secret, length) {
    engine.keyedHash(new Uint8Array(32), secret(length), secret(32));
    engine.keyedHash(new Uint8Array(64), secret(length), secret(64));
  },
  "hmac-sha256"(engine, secret, length) {
    engine.hmacSha256(new Uint8Array(32), secret(length), secret(32));
    engine.hmacSha256(new Uint8Array(32), secret(length), secret(200));
  },
  "hmac-sha512"(engine, secret, length) {
    engine.hmacSha512(new Uint8Array(64), secret(length), secret(32));
    engine.hmacSha512(new Uint8Array(64), secret(length), secret(200));
  },
  argon2id(engine, secret, length) {
    if (length > 1000) return;
    engine.argon2id(new Uint8Array(32), secret(length), secret(16), 1, 8192 + 1024 * length);
    engine.argon2id(new Uint8Array(80), secret(length), secret(16), 2, 8192);
  },
  ed25519(engine, secret, length) {
    const [publicKey, secretKey, signature] = [32, 64, 64].map((size) => new Uint8Array(size)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    engine.signKeyPair(publicKey, secretKey, secret(32));
    engine.signPublicKey(publicKey, secret(32));
    engine.sign(signature, secret(length), secretKey);
    engine.verify(signature, secret(length), publicKey);
  },
  x25519(engine, secret) {
    const [publicKey, shared] = [new Uint8Array(32), new Uint8Array(32)];
    engine.agreePublicKey(publicKey, secret(32));
    engine.agree(shared, secret(32), publicKey);
    engine.agree(shared, secret(32), new Uint8Array(32));
  },
  subkey(engine, secret) {
    engine.subkey(new Uint8Array(64), 7, secret(8), secret(32));
  },
  box(engine, secret, length) {
    const [publicKey, boxed] = [new Uint8Array(32), new Uint8Array(length + 16)];
    engine.agreePublicKey(publicKey, secret(32));
    engine.boxSeal(boxed, secret(length), secret(24), publicKey, secret(32));
    engine.boxUnseal(new Uint8Array(length), boxed, secret(24), publicKey, secret(32));
    boxed[0] = (boxed[0] as number) ^ 1;
    engine.boxUnseal(new Uint8Array(length), boxed, secret(24), publicKey, secret(32));
  },
};
