/** What `lethe envelope` takes: one table for its parser, its help, the man page and completions. */
import type { Action, Command } from "../command_line/command.ts";

const FROM = ["identity", "passphrase-fd"] as const;

export const ACTION_TABLE: Readonly<Record<string, Action>> = {
  seal: {
    synopsis: "FILE OUT",
    about: "encrypt a file to recipients, or under a passphrase",
    options: ["to", "to-file", "passphrase", "passphrase-fd", "context"],
  },
  open: {
    synopsis: "FILE OUT",
    about: "decrypt a file, with an identity or a passphrase",
    options: [...FROM, "passphrase", "context", "to-terminal"],
  },
  inspect: { synopsis: "FILE", about: "show what its head says, which needs no key", options: [] },
  readdress: {
    synopsis: "FILE OUT",
    about: "the same payload and file key, for other recipients",
    options: [...FROM, "to", "to-file"],
  },
  reseal: {
    synopsis: "FILE OUT",
    about: "the same plaintext under a new file key, for other recipients",
    options: [...FROM, "to", "to-file"],
  },
  identity: {
    synopsis: "OUT",
    about: "make an identity in a new file of mode 0600, and print its recipient",
    options: ["to-terminal"],
  },
  plugin: {
    synopsis: "KEY OUT",
    about:
      "write an identity of age-plugin-lethe, by which age opens with the X25519 key file KEY; it is public",
    options: ["generate", "plain", "passphrase-fd"],
  },
};

export const OPTIONS: Command["options"] = {
  to: {
    kind: "list",
    value: "RECIPIENT",
    about: "age1..., or a public key as OpenSSH has it on a line; as often as there are recipients",
  },
  "to-file": {
    kind: "list",
    value: "PATH",
    about: "a file of recipients, one a line",
    values: "file",
  },
  identity: {
    kind: "list",
    value: "PATH",
    about:
      "a file of age-keygen, also one that age encrypted, one of age-plugin-lethe, or an SSH key; as often as needed",
    values: "file",
  },
  passphrase: { kind: "flag", about: "a passphrase instead of recipients or identities" },
  "passphrase-fd": {
    kind: "value",
    value: "N",
    descriptor: "read",
    about: "read the passphrase as one line from this descriptor (3<file, or a pipe)",
  },
  context: {
    kind: "value",
    value: "TEXT",
    about: "what the envelope is for: public, bound inside, and needed to open it",
  },
  generate: {
    kind: "flag",
    about: "(plugin) make the key file, sealed under a new passphrase",
  },
  plain: { kind: "flag", about: "(plugin) with --generate: a key file without a passphrase" },
  "to-terminal": {
    kind: "flag",
    about: "(open, identity) allow the plaintext, or the private key, to be shown on a terminal",
  },
  json: { kind: "flag", about: "the result, as JSON" },
};
