import type { Operation } from "../../core/contract/engine.ts";

const ALL: readonly string[] = ["sodium", "libsodium", "noble"];

/** Which of the project's engines have an operation; a test holds it against them. */
export const ENGINES_WITH: Readonly<Record<Operation, readonly string[]>> = {
  aead: ALL,
  "keyed-hash": ALL,
  "hmac-sha256": ALL,
  "hmac-sha512": ALL,
  argon2id: ALL,
  ed25519: ALL,
  x25519: ALL,
  subkey: ALL,
  box: ALL,
  "chacha20-poly1305": ALL,
};
