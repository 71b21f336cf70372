/** Bytes of XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), of keys and seeds, and of Argon2id's salt. */
export const KEY_BYTES = 32;
export const NONCE_BYTES = 24;
export const TAG_BYTES = 16;
export const PASSWORD_SALT_BYTES = 16;
