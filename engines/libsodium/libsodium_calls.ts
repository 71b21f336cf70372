import { wrongType } from "../../core/arguments/argument_error.ts";
import { type CryptoEngine, OPERATIONS } from "../../core/contract/engine.ts";
import { LibsodiumHeap } from "./libsodium_heap.ts";
import type { LibsodiumModule } from "./libsodium_module.ts";

/** `crypto_pwhash_ALG_ARGON2ID13`. */
const ARGON2ID13 = 2;
/** Above `sizeof(crypto_auth_hmacsha512_state)`, 416. */
const HMAC_STATE_BYTES = 512;
/** What Argon2 allocates beside its blocks: 8 bytes for each block of a quarter of them, and itself. */
const ARGON2_SHARE = 256;
const ARGON2_OVERHEAD = 65_536;

/** The engine over a module of its own, ready and never used. */
export function libsodiumEngine(module: LibsodiumModule): CryptoEngine {
  const heap = new LibsodiumHeap(module);
  const xchacha: Aead = {
    encrypt: module._crypto_aead_xchacha20poly1305_ietf_encrypt,
    decrypt: module._crypto_aead_xchacha20poly1305_ietf_decrypt,
  };
  const chacha: Aead = {
    encrypt: module._crypto_aead_chacha20poly1305_ietf_encrypt,
    decrypt: module._crypto_aead_chacha20poly1305_ietf_decrypt,
  };
  return {
    name: "libsodium",
    operations: OPERATIONS,
    residue: {},
    aeadSeal: sealBy(heap, xchacha),
    aeadUnseal: unsealBy(heap, xchacha),
    chachaSeal: sealBy(heap, chacha),
    chachaUnseal: unsealBy(heap, chacha),
    keyedHash(hash, message, key) {
      check(
        heap.run([message, key], [hash], (m, k, h) =>
          module._crypto_generichash(h, hash.length, m, ...halves(message.length), k, key.length),
        ),
      );
    },
    hmacSha256(tag, message, key) {
      check(
        heap.run(
          [message, key],
          [tag],
          (m, k, t, state) =>
            module._crypto_auth_hmacsha256_init(state, k, key.length) ||
            module._crypto_auth_hmacsha256_update(state, m, ...halves(message.length)) ||
            module._crypto_auth_hmacsha256_final(state, t),
          HMAC_STATE_BYTES,
        ),
      );
    },
    hmacSha512(tag, message, key) {
      check(
        heap.run(
          [message, key],
          [tag],
          (m, k, t, state) =>
            module._crypto_auth_hmacsha512_init(state, k, key.length) ||
            module._crypto_auth_hmacsha512_update(state, m, ...halves(message.length)) ||
            module._crypto_auth_hmacsha512_final(state, t),
          HMAC_STATE_BYTES,
        ),
      );
    },
    argon2id(hash, password, salt, passes, memoryBytes) {
      check(
        heap.run(
          [password, salt],
          [hash],
          (p, s, h) =>
            module._crypto_pwhash(
              h,
              ...halves(hash.length),
              p,
              ...halves(password.length),
              s,
              ...halves(passes),
              memoryBytes,
              ARGON2ID13,
            ),
          0,
          memoryBytes + memoryBytes / ARGON2_SHARE + ARGON2_OVERHEAD,
        ),
      );
    },
    signKeyPair(publicKey, secretKey, seed) {
      check(
        heap.run([seed], [publicKey, secretKey], (s, pk, sk) =>
          module._crypto_sign_seed_keypair(pk, sk, s),
        ),
      );
    },
    signPublicKey(publicKey, seed) {
      check(
        heap.run(
          [seed],
          [publicKey],
          (s, pk, secretKey) => module._crypto_sign_seed_keypair(pk, secretKey, s),
          64,
        ),
      );
    },
    sign(signature, message, secretKey) {
      check(
        heap.run([message, secretKey], [signature], (m, sk, s) =>
          module._crypto_sign_detached(s, 0, m, ...halves(message.length), sk),
        ),
      );
    },
    verify(signature, message, publicKey) {
      return heap.run([signature, message, publicKey], [], (s, m, pk) =>
        module._crypto_sign_verify_detached(s, m, ...halves(message.length), pk),
      );
    },
    agreePublicKey(publicKey, secretKey) {
      check(heap.run([secretKey], [publicKey], (sk, pk) => module._crypto_scalarmult_base(pk, sk)));
    },
    agree(shared, secretKey, publicKey) {
      return heap.run([secretKey, publicKey], [shared], (sk, pk, s) =>
        module._crypto_scalarmult(s, sk, pk),
      );
    },
    subkey(subkey, number, context, key) {
      check(
        heap.run([context, key], [subkey], (c, k, s) =>
          module._crypto_kdf_derive_from_key(s, subkey.length, ...halves(number), c, k),
        ),
      );
    },
    boxSeal(boxed, message, nonce, publicKey, secretKey) {
      const inputs = [message, nonce, publicKey, secretKey] as const;
      return heap.run(inputs, [boxed], (m, n, pk, sk, c) =>
        module._crypto_box_easy(c, m, ...halves(message.length), n, pk, sk),
      );
    },
    boxUnseal(message, boxed, nonce, publicKey, secretKey) {
      const inputs = [boxed, nonce, publicKey, secretKey] as const;
      return heap.run(inputs, [message], (c, n, pk, sk, m) =>
        module._crypto_box_open_easy(m, c, ...halves(boxed.length), n, pk, sk),
      );
    },
  };
}

/** The two functions of an AEAD. */
interface Aead {
  readonly encrypt: LibsodiumModule["_crypto_aead_chacha20poly1305_ietf_encrypt"];
  readonly decrypt: LibsodiumModule["_crypto_aead_chacha20poly1305_ietf_decrypt"];
}

/** A block: so much of a message of zeros writes over what a call left, however long its message was. */
const BLOCK_BYTES = 64;

function sealBy(heap: LibsodiumHeap, { encrypt }: Aead): CryptoEngine["aeadSeal"] {
  return (sealed, message, additional, nonce, key) => {
    const run = (length: number, m: number, ad: number, n: number, k: number, c: number): number =>
      encrypt(c, 0, m, ...halves(length), ad, ...halves(additional.length), 0, n, k);
    check(
      heap.run(
        [message, additional, nonce, key],
        [sealed],
        (m, ad, n, k, c) => run(message.length, m, ad, n, k, c),
        0,
        0,
        (m, ad, n, k, c) => run(Math.min(message.length, BLOCK_BYTES), m, ad, n, k, c),
      ),
    );
  };
}

function unsealBy(heap: LibsodiumHeap, { encrypt, decrypt }: Aead): CryptoEngine["aeadUnseal"] {
  return (message, sealed, additional, nonce, key) => {
    const bound = halves(additional.length);
    return heap.run(
      [sealed, additional, nonce, key],
      [message],
      (c, ad, n, k, m) => decrypt(m, 0, 0, c, ...halves(sealed.length), ad, ...bound, n, k),
      0,
      0,
      (c, ad, n, k, m) => {
        // One that is authentic: of any other nothing is decrypted.
        const length = Math.min(message.length, BLOCK_BYTES);
        encrypt(c, 0, m, ...halves(length), ad, ...bound, 0, n, k);
        decrypt(m, 0, 0, c, ...halves(length + sealed.length - message.length), ad, ...bound, n, k);
      },
    );
  };
}

/** A 64-bit number as the module takes it. */
function halves(value: number): [low: number, high: number] {
  return [value >>> 0, Math.floor(value / 2 ** 32)];
}

function check(accepted: boolean): void {
  if (!accepted) throw wrongType("Cannot run libsodium: it refused its arguments");
}
