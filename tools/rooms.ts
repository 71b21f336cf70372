/**
 * The rooms of the tree, and what each may import. One table: `npm run lint` holds the sources to it.
 *
 * A room lists those below it. Between rooms a file imports what its room's `mod.ts` exports, or one of the
 * files that are named here with the reason.
 */

/** What a room may import, beside itself. `core` stands for every file of it. */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  // The contract and the life of a secret: ECMAScript and the globals of the web, no package, no runtime.
  core: [],
  // What the machine has: FFI, system calls, tables of the kernel, optional packages.
  system: ["core"],
  "memories/heap": ["core", "system"],
  "memories/pages": ["core", "system"],
  "memories/sodium": ["core", "system", "memories/pages"],
  "engines/sodium": ["core", "system"],
  "engines/libsodium": ["core"],
  "engines/noble": ["core"],
  "features/crypto": ["core"],
  "features/enclave": ["core", "features/crypto"],
  "features/keys": ["core", "features/crypto"],
  "features/envelopes": ["core", "features/crypto", "features/keys"],
  "features/key_cache": ["core", "features/crypto", "features/enclave", "features/envelopes"],
  "features/stores": ["core", "system", "features/envelopes", "features/sources"],
  "features/key_services": [
    "core",
    "system",
    "features/crypto",
    "features/keys",
    "features/envelopes",
  ],
  "features/process": ["core", "system", "memories/pages"],
  "features/key_files": ["core", "system", "memories/pages", "features/crypto"],
  "features/prompt": ["core", "system", "memories/pages", "features/process"],
  "features/programs": ["core", "system"],
  "features/sources": [
    "core",
    "system",
    "memories/pages",
    "features/programs",
    "features/process",
    "features/key_files",
    "features/prompt",
  ],
  "features/age_plugins": [
    "core",
    "system",
    "features/crypto",
    "features/programs",
    "features/envelopes",
  ],
  "features/systemd_creds": [
    "core",
    "system",
    "features/crypto",
    "features/programs",
    "features/envelopes",
  ],
  "features/pkcs11": [
    "core",
    "system",
    "features/crypto",
    "features/keys",
    "features/envelopes",
    "features/custodian",
  ],
  "features/rotation": ["core", "system", "features/sources"],
  "features/keyrings": ["core", "system", "memories/pages", "features/sources"],
  "features/custodian": [
    "core",
    "system",
    "features/crypto",
    "features/keys",
    "features/process",
    "features/prompt",
  ],
  "features/agent": ["core", "system", "features/crypto", "features/custodian", "features/keys"],
  adapters: ["core", "system", "memories", "engines", "features"],
  conformance: ["core", "system", "memories/heap", "features/sources"],
  cli: ["core", "system", "features", "adapters", "conformance"],
  bench: [
    "core",
    "system",
    "memories",
    "engines",
    "features",
    "adapters",
    "conformance",
    "testing",
  ],
  examples: ["adapters", "conformance", "core"],
  testing: [
    "core",
    "system",
    "memories",
    "engines",
    "features",
    "adapters",
    "conformance",
    "cli",
    "tools",
    "examples",
  ],
  tools: ["core", "features/rotation", "adapters", "conformance", "cli", "testing"],
};

/** Rooms whose every file is a face: small, and imported by name because a bundle then holds no more. */
export const FACES: readonly string[] = ["core", "system"];

/** What is imported past a `mod.ts`, and why. */
export const PAST_THE_FACE: Readonly<Record<string, string>> = {
  "memories/heap/server_heap.ts": "a page must not reach node:fs",
  "features/rotation/watch_directory.ts": "a page must not reach node:fs",
  "features/rotation/phases.ts": "the documents print its table",
  "features/crypto/argon2_cost.ts": "key files and the custodian bound Argon2id as crypto does",
  "features/crypto/password_hash.ts": "the custodian writes and reads hashes as crypto does",
  "features/crypto/check_key.ts": "enclaves and the custodian refuse keys without opening crypto",
  "features/crypto/key_pairs.ts": "the custodian checks keys without opening crypto",
  "features/crypto/nonce.ts": "enclaves and key files need nonces, not crypto",
  "features/crypto/hkdf.ts": "envelopes derive as crypto does, over an engine",
  "features/keys/comment.ts": "the command line leaves out what no key may be written with",
  "features/keys/primitives/scrypt.ts": "envelopes derive from passphrases as keys do",
  "features/keys/primitives/hash.ts": "envelopes hash in secret memory as keys do",
  "features/keys/primitives/sha256.ts": "the same",
  "features/keys/primitives/sha512.ts": "the same",
  "features/keys/primitives/rsa_numbers.ts": "the type of what they compute with",
  "features/keys/primitives/rsa_power.ts": "envelopes to an RSA key of SSH",
  "features/keys/primitives/oaep.ts": "their encoding",
  "features/keys/pkcs1.ts": "the numbers of that key",
  "features/keys/primitives/workspace.ts": "and lend it secret memory",
  "features/crypto/lend.ts": "keys and key files lend bytes as crypto does",
  "features/custodian/vault/key_pair_types.ts": "a list of types, without the vault",
  "features/keys/agreement.ts": "the custodian agrees with keys as they are kept",
  "features/keys/decryption.ts": "it decrypts with them",
  "features/keys/openssl_form.ts": "it gives them to OpenSSL",
  "features/keys/der.ts": "in this form",
  "features/keys/bytes.ts": "of these bytes",
  "features/keys/primitives/curve_constants.ts": "the type of a curve",
  "features/keys/primitives/nist_point.ts": "ECDH with a token makes a key of one use",
  "features/envelopes/context.ts": "tokens that agree seal file keys as envelopes do",
  "features/keys/signing.ts": "the custodian signs with keys as they are kept, and reads no files",
  "features/keys/ssh.ts": "an agent speaks the encoding of SSH, which no program needs",
  "features/pkcs11/pkcs11_error.ts": "a page has the class of the error, and no FFI",
  "features/prompt/terminal.ts": "types alone, free of those of Node.js",
  "features/envelopes/base64.ts":
    "plugins speak in the stanzas of envelopes, stores and services in base64",
  "features/envelopes/bech32.ts": "and their keys are written so",
  "features/envelopes/bytes.ts": "the same",
  "features/envelopes/key_service.ts":
    "key services are opened elsewhere, and used by doubled alone",
  "features/envelopes/identity.ts": "age-plugin-lethe seals to the recipients of age",
  "features/envelopes/identity_file.ts": "the command line reads the lines of its identities",
  "features/envelopes/in_pieces.ts": "and envelopes of any length, which applications stream",
  "features/envelopes/key_names.ts": "and the names of its keys are written and read there",
  "features/envelopes/x25519.ts": "it checks stanzas as envelopes do",
  "features/age_plugins/serve.ts": "an application loads nothing of age-plugin-lethe",
  "features/envelopes/refusal.ts": "plugins and caches refuse what was purged as envelopes do",
  "features/envelopes/stanza.ts": "the same",
  "features/sources/everywhere.ts": "a page has what needs no files and no processes",
  "features/crypto/options.ts": "types alone, free of an engine",
  "features/custodian/open_custodian.ts": "an application loads no vault",
  "features/custodian/program.ts": "a custodian loads no client",
  "features/custodian/open_guest.ts": "who starts a guest loads no vault",
  "features/pkcs11/serve.ts": "the process of a token loads no client",
  "features/process/shutdown/mod.ts": "hardening needs FFI, endings need none",
  "features/process/hardening/mod.ts": "endings need no FFI, hardening does",
  "features/process/shutdown/wipe_on_exit.ts": "a program without a prompt needs no more of it",
};

/** How many lines a file has at most. */
export const MOST_LINES = 300;

/** Files that have more, and why. */
export const LONGER: Readonly<Record<string, string>> = {
  "features/crypto/crypto.ts": "one public interface: in parts, its methods had other names",
  "features/custodian/client/custodian.ts": "the same",
  "features/envelopes/envelopes.ts": "the same",
};
