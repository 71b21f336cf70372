/** What OpenSSL signs with a key pair, without the heap: that is beside it in heap_pairs.test.ts. */
import { createPrivateKey, generateKeyPairSync, verify } from "node:crypto";
import { expect, it } from "vitest";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { copy } from "../../../testing/features/keys/tools.ts";
import { derLength, writeDer } from "../../keys/der.ts";
import { parseKey } from "../../keys/mod.ts";
import { opensslForm } from "../../keys/openssl_form.ts";
import { HeapKeyPair } from "./heap_key_pair.ts";

const MESSAGE = copy(Buffer.from("what is signed"));
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { secretKey } = parseKey(
  openSecrets(),
  copy(privateKey.export({ type: "pkcs8", format: "der" })),
);

/** @param flipped a bit of the last byte of its private exponent */
function pairOf(flipped: number): HeapKeyPair {
  const bytes = secretKey.expose((bytes) => copy(bytes));
  const { element, secretNumbers } = opensslForm("rsa", bytes);
  const [d = new Uint8Array(0)] = secretNumbers;
  d[d.length - 1] = (d.at(-1) as number) ^ flipped;
  const form = Buffer.alloc(derLength(element));
  writeDer(element, copyInto(form));
  return new HeapKeyPair("rsa", createPrivateKey({ key: form, format: "der", type: "pkcs8" }), 0);
}

function copyInto(form: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(form.buffer as ArrayBuffer, form.byteOffset, form.length);
}

it.each([
  ["sha256", "pkcs1"],
  ["sha384", "pss"],
  ["sha512", "pss"],
] as const)("gives no RSA signature of %s and %s that does not verify", (hash, padding) => {
  const signature = pairOf(0).sign(MESSAGE, { hash, padding });
  const saltLength = { sha256: 32, sha384: 48, sha512: 64 }[hash];
  const key = padding === "pss" ? { key: publicKey, padding: 6, saltLength } : publicKey;
  expect(verify(hash, MESSAGE, key, signature)).toBe(true);
  expect(() => pairOf(4).sign(MESSAGE, { hash, padding })).toThrow(
    expect.objectContaining({
      code: "ERR_LETHE_KEY_INVALID",
      message: expect.stringMatching(/^Cannot sign: the signature is not one of this key/),
    }),
  );
});
