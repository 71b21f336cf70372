import { createPrivateKey, randomBytes, sign } from "node:crypto";
import { copyOf } from "../../keys/bytes.ts";
import { derLength, writeDer } from "../../keys/der.ts";
import { opensslForm } from "../../keys/openssl_form.ts";

/**
 * Does the most that OpenSSL does in the secure heap at a time, and more: it reads a key of P-521, whose number everybody knows, and
 * signs with it.
 *
 * OpenSSL computes ECDSA in the arena too, and puts its random numbers there: 64 bytes for P-256 and P-384, 128 for P-521; what
 * Node.js draws at random takes 32 now and then, and without them Node.js asks for ever. RSA, Ed25519 and agreement take none
 * (measured on Node.js 22, 24 and 26). The key of this takes 128 besides. The arena is divided in halves, so free bytes
 * alone are no room: what fits is seen by doing it. Keys that end only add to what is free. OpenSSL's two generators take their
 * place in the arena with their first use: this is one, of both.
 *
 * @throws OpenSSL's error without that room. The key leaves the heap with the next collection
 */
export function computeOnce(): void {
  const { element } = opensslForm("p521", copyOf(new Uint8Array(66).fill(1, 1)));
  const form = new Uint8Array(new ArrayBuffer(derLength(element)));
  writeDer(element, form);
  // Node reads any view where it lies; its types know a Buffer alone.
  const key = createPrivateKey({ key: form as Buffer, format: "der", type: "pkcs8" });
  sign("sha512", form, { key });
  randomBytes(1);
}
