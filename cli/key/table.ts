/** What `lethe key` takes: one table for its parser, its help, the man page and completions. */
import type { KeyFileTrust } from "../../adapters/node/mod.ts";
import type { Action, Command } from "../command_line/command.ts";

export const PRIVATE_FORMS = [
  "pkcs8",
  "pkcs8-pem",
  "openssh",
  "jwk",
  "seed",
  "seed-with-public",
] as const;
export const PUBLIC_FORMS = ["spki", "spki-pem", "openssh", "jwk", "raw"] as const;
export const TRUSTS: readonly KeyFileTrust[] = ["strict", "kubernetes", "systemd", "compose"];
const TYPES = ["ed25519", "x25519"] as const;

const COST = ["passes", "memory"] as const;
const SHAPE = ["bytes", "type"] as const;
/** What a written private key takes. */
const TARGET = ["encrypt", "plain", "new-passphrase-fd", "out", "out-fd", "to-terminal"] as const;

export const ACTION_TABLE: Readonly<Record<string, Action>> = {
  create: {
    synopsis: "PATH",
    about: "make a random key in a new file of mode 0400",
    options: [...SHAPE, "seal", "passphrase-fd", ...COST],
  },
  read: {
    synopsis: "PATH",
    about: "read it and check everything; print no key (needs --check)",
    options: ["check", ...SHAPE, "passphrase-fd", "sealed", "as-is", "trust"],
  },
  rotate: {
    synopsis: "PATH",
    about: "put a new key in its place",
    options: [...SHAPE, "keep-previous", "passphrase-fd", ...COST, "sealed", "as-is"],
  },
  seal: {
    synopsis: "PATH",
    about: "encrypt it under a passphrase",
    options: [...SHAPE, "passphrase-fd", ...COST, "as-is"],
  },
  unseal: { synopsis: "PATH", about: "decrypt it again", options: ["passphrase-fd"] },
  "change-passphrase": {
    synopsis: "PATH",
    about: "seal it under another passphrase",
    options: ["passphrase-fd", "new-passphrase-fd", ...COST],
  },
  inspect: {
    synopsis: "PATH",
    about: "show what the file is, without its key",
    options: ["trust"],
  },
  remove: { synopsis: "PATH", about: "remove it", options: [] },
  import: {
    heading:
      "Keys of other programs (OpenSSH, PKCS#8, JWK ...): FILE is a path, or - for standard input.",
    synopsis: "PATH --from FILE",
    about: "bring an Ed25519 or X25519 key into a new key file, with --seal or --plain",
    options: ["from", "raw", "seal", "plain", "passphrase-fd", "new-passphrase-fd", ...COST],
  },
  export: {
    synopsis: "PATH --to FORM",
    about: "write a key file in a form of another program, with --encrypt or --plain",
    options: ["type", "to", ...TARGET, "passphrase-fd", "sealed", "as-is", "trust"],
  },
  convert: {
    synopsis: "FILE --to FORM",
    about: "write a key in another form, EC and RSA keys too, with --encrypt or --plain",
    options: ["to", "raw", ...TARGET, "passphrase-fd"],
  },
  public: {
    synopsis: "FILE",
    about: "write its public key",
    options: ["to", "raw", "out", "out-fd", "passphrase-fd"],
  },
};

export const OPTIONS: Command["options"] = {
  bytes: { kind: "value", value: "N", about: "bytes of a symmetric key (default 32)" },
  type: { kind: "value", value: "T", about: "ed25519 or x25519, a key pair", values: TYPES },
  seal: { kind: "flag", about: "(create, import) the new file is sealed under a passphrase" },
  check: { kind: "flag", about: "(read) check the file and print no key" },
  "passphrase-fd": {
    kind: "value",
    value: "N",
    descriptor: "read",
    about: "read the passphrase as one line from this descriptor (3<file, or a pipe)",
  },
  "new-passphrase-fd": {
    kind: "value",
    value: "N",
    descriptor: "read",
    about: "the same for the new passphrase, where there is an old one too",
  },
  passes: {
    kind: "value",
    value: "N",
    about: "passes of Argon2id when it seals, with --memory (default 3)",
  },
  memory: {
    kind: "value",
    value: "MIB",
    about: "MiB of memory of Argon2id when it seals, with --passes (default 256)",
  },
  "keep-previous": { kind: "flag", about: "(rotate) leave the old key in PATH.previous" },
  sealed: {
    kind: "flag",
    about: "(read, rotate, export) refuse a plain file; so does --passphrase-fd",
  },
  "as-is": {
    kind: "flag",
    about:
      "(read, rotate, seal, export) take the bytes of a plain file even if they look like PEM, JSON, hex, base64 or another format instead of a raw key",
  },
  trust: {
    kind: "value",
    value: "PROFILE",
    about:
      "(read, inspect, export) for secrets that a platform placed: kubernetes, systemd, compose",
    values: TRUSTS,
  },
  from: {
    kind: "value",
    value: "FILE",
    about: "(import) the file of the other program",
    values: "file",
  },
  to: {
    kind: "value",
    value: "FORM",
    about:
      "pkcs8, pkcs8-pem, openssh, jwk, seed, seed-with-public; of public: spki, spki-pem, openssh (default), jwk, raw",
    values: [...new Set([...PRIVATE_FORMS, ...PUBLIC_FORMS])],
  },
  raw: {
    kind: "value",
    value: "T",
    about: "the bytes of FILE are an ed25519 or x25519 key themselves",
    values: TYPES,
  },
  encrypt: {
    kind: "flag",
    about: "under a new passphrase, asked for or from --new-passphrase-fd",
  },
  plain: { kind: "flag", about: "the new form holds the private key in the clear" },
  out: {
    kind: "value",
    value: "FILE",
    about: "write a new file of mode 0600 (default: standard output)",
    values: "file",
  },
  "out-fd": { kind: "value", value: "N", descriptor: "written", about: "write to this descriptor" },
  "to-terminal": { kind: "flag", about: "allow a private key to be shown on a terminal" },
  json: { kind: "flag", about: "the result, as JSON" },
};
