import type { SodiumNative } from "./sodium_native.ts";

type FunctionName = {
  [Name in keyof SodiumNative]: SodiumNative[Name] extends number ? never : Name;
}[keyof SodiumNative];

/** All that is called. Typed as a record, so that none can be left out. */
const FUNCTIONS: Readonly<Record<FunctionName, true>> = {
  sodium_malloc: true,
  sodium_free: true,
  sodium_mprotect_noaccess: true,
  sodium_mprotect_readonly: true,
  sodium_mprotect_readwrite: true,
  randombytes_buf: true,
  crypto_aead_xchacha20poly1305_ietf_encrypt: true,
  crypto_aead_xchacha20poly1305_ietf_decrypt: true,
  crypto_aead_chacha20poly1305_ietf_encrypt: true,
  crypto_aead_chacha20poly1305_ietf_decrypt: true,
  crypto_generichash: true,
  crypto_pwhash: true,
  crypto_sign_seed_keypair: true,
  crypto_sign_detached: true,
  crypto_sign_verify_detached: true,
  crypto_scalarmult_base: true,
  crypto_scalarmult: true,
  crypto_hash_sha256_init: true,
  crypto_hash_sha256_update: true,
  crypto_hash_sha256_final: true,
  crypto_hash_sha512_init: true,
  crypto_hash_sha512_update: true,
  crypto_hash_sha512_final: true,
  crypto_kdf_derive_from_key: true,
  crypto_box_easy: true,
  crypto_box_open_easy: true,
};

const CONSTANTS: Readonly<Record<Exclude<keyof SodiumNative, FunctionName>, true>> = {
  crypto_pwhash_ALG_ARGON2ID13: true,
  crypto_hash_sha256_STATEBYTES: true,
  crypto_hash_sha512_STATEBYTES: true,
};

/** The versions whose calls Lethe knows. An empty one is not known, and passes. */
export function faultOfVersion(version: string): string | null {
  if (version === "" || /^5\./.test(version)) return null;
  return `its version is ${version}, and Lethe calls version 5; install sodium-native@5`;
}

/**
 * What is wrong with a module that was loaded as sodium-native, or null. A bundler may have put half of it
 * into a bundle, a test runner a mock in its place: what is not asked here would fail later, or do nothing
 * and look as if it had.
 */
export function faultOf(module: unknown): string | null {
  const members = Object(module) as Readonly<Record<string, unknown>>;
  const missing = [
    ...Object.keys(FUNCTIONS).filter((name) => typeof members[name] !== "function"),
    ...Object.keys(CONSTANTS).filter((name) => typeof members[name] !== "number"),
  ];
  if (missing.length > 0) {
    return `what was loaded in its place has no ${missing[0]}${missing.length > 1 ? ` and ${missing.length - 1} more` : ""}; ${REMEDY}`;
  }
  try {
    return answers(module as SodiumNative)
      ? null
      : `what was loaded in its place gives a wrong answer; ${REMEDY}`;
  } catch (error) {
    const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
    return `what was loaded in its place fails (${code ?? name}); ${REMEDY}`;
  }
}

/** BLAKE2b-256 of "abc", and bytes that are random enough not to be all zero. */
function answers(sodium: SodiumNative): boolean {
  const hash = new Uint8Array(32);
  sodium.crypto_generichash(hash, Uint8Array.of(0x61, 0x62, 0x63));
  if (hash.some((byte, index) => byte !== HASH_OF_ABC[index])) return false;
  sodium.randombytes_buf(hash.fill(0));
  return hash.some((byte) => byte !== 0);
}

// RFC 7693's construction; the same as `printf abc | b2sum -l 256`.
const HASH_OF_ABC: readonly number[] = [
  0xbd, 0xdd, 0x81, 0x3c, 0x63, 0x42, 0x39, 0x72, 0x31, 0x71, 0xef, 0x3f, 0xee, 0x98, 0x57, 0x9b,
  0x94, 0x96, 0x4e, 0x3b, 0xb1, 0xcb, 0x3e, 0x42, 0x72, 0x62, 0xc8, 0xc0, 0x68, 0xd5, 0x23, 0x19,
];

const REMEDY =
  "keep sodium-native out of bundles and mocks: mark it as external (see docs/bundling.md)";
