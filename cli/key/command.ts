import { bare } from "../../core/arguments/own.ts";
import type { Command } from "../command_line/command.ts";
import { entryHere } from "../entry_here.ts";
import { print } from "../output.ts";
import { palette } from "../terminal.ts";
import type { Told } from "./action.ts";
import { ACTIONS } from "./actions.ts";
import { checkBefore } from "./check_before.ts";
import { OPTIONS, type Parameters, readParameters } from "./parameters.ts";

const USAGE = `Usage: lethe key ACTION PATH [options]

  create    make a random key in a new file of mode 0400 [--bytes N | --type T] [--seal]
  read      --check: read it, check everything, print no key [--bytes N | --type T]
  rotate    put a new key in its place [--bytes N | --type T] [--keep-previous]
  seal      encrypt it under a passphrase [--bytes N | --type T]
  unseal    decrypt it again
  change-passphrase
            seal it under another passphrase [--new-passphrase-fd N]
  inspect   show what the file is, without its key
  remove    remove it

Keys of other programs (OpenSSH, PKCS#8, JWK ...): FILE is a path, or - for standard input.
  import    PATH --from FILE --seal|--plain: an Ed25519 or X25519 key into a new key file
  export    PATH --to FORM --encrypt|--plain [--type T]: a key file in a form of another program
  convert   FILE --to FORM --encrypt|--plain: from one form to another; also EC and RSA keys
  public    FILE [--to FORM]: its public key

  --bytes N            bytes of a symmetric key (default 32)
  --type T             ed25519 or x25519, a key pair
  --passphrase-fd N    read the passphrase as one line from this descriptor (3<file, or a pipe)
  --passes N --memory MIB   the cost of sealing (default 3 passes over 256 MiB)
  --keep-previous      leave the old key in PATH.previous
  --sealed             (read, rotate) refuse a plain file; so does --passphrase-fd
  --as-is              (read, rotate, seal) take the bytes of a plain file even if they look like PEM,
                       JSON, hex, base64 or another format instead of a raw key
  --trust PROFILE      (read, inspect) for secrets that a platform placed: kubernetes, systemd, compose
  --to FORM            pkcs8, pkcs8-pem, openssh, jwk, seed, seed-with-public; of public: spki, spki-pem,
                       openssh (default), jwk, raw
  --raw T              the bytes of FILE are an ed25519 or x25519 key themselves
  --encrypt            under a new passphrase, asked for or from --new-passphrase-fd
  --plain              the new form holds the private key in the clear
  --out FILE, --out-fd N   a new file of mode 0600, or a descriptor (default: standard output)
  --to-terminal        allow a private key to be shown on a terminal
  --json               the result, as JSON

lethe asks for a passphrase on the terminal, or reads one line from standard input if there is no
terminal. It is never an argument. It is UTF-8 text, taken byte for byte. Invisible characters are
refused, and so are, in a new passphrase, characters that another keyboard may send as other bytes.

Exit status: 0 done, 1 refused (the path, its owner, its mode, the file system), 2 wrong usage,
3 wrong passphrase, 4 the file has another size, is plain instead of sealed or the reverse, is damaged
or in another format, 130 Ctrl-C.
`;

/** `lethe key`: makes, checks and keeps key files. */
export const key: Command = {
  usage: USAGE,
  options: OPTIONS,
  mostWords: 2,
  async run(given) {
    const told = await perform(readParameters(given));
    if (told === null) return 0;
    print(given.has("json") ? `${JSON.stringify(told)}\n` : render(told));
    return 0;
  },
  statusOf: ({ code }) => STATUS[code] ?? 1,
};

/** Errors are answered by an exit status, so that misuse is thrown here; all secrets end before it. */
async function perform(parameters: Parameters): Promise<Told | null> {
  const { openSecrets, openKeyFiles, promptSecret } = await entryHere();
  const secrets = openSecrets();
  try {
    const { action: name, path, cost } = parameters;
    const keys = openKeyFiles(secrets, {
      onMisuse: "throw",
      ...(cost === undefined ? {} : { cost }),
    });
    checkBefore(keys, parameters);
    const action = ACTIONS[name] as (typeof ACTIONS)[string];
    const told = await action({ keys, secrets, promptSecret }, parameters);
    return told === null ? null : { ...told, path };
  } finally {
    secrets[Symbol.dispose]();
  }
}

const STATUS: Readonly<Record<string, number>> = bare({
  ERR_LETHE_KEY_PASSPHRASE: 3,
  ERR_LETHE_KEY_SIZE: 4,
  ERR_LETHE_KEY_FORMAT: 4,
  ERR_LETHE_KEY_DAMAGED: 4,
  ERR_LETHE_KEY_COST: 4,
  ERR_LETHE_KEY_INVALID: 4,
  ERR_LETHE_UNSUPPORTED: 4,
});

function render({ done, path, ...facts }: Told): string {
  const { good, faint } = palette();
  const lines = Object.entries(facts).map(
    ([name, value]) => `  ${faint(wordsOf(name))} ${textOf(value)}\n`,
  );
  return `${good(String(done))} ${JSON.stringify(path)}\n${lines.join("")}`;
}

/** `keyBytes` as `key bytes`. */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).padEnd(11);
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, part]) => `${wordsOf(name).trim()} ${part}`)
    .join(", ");
}
