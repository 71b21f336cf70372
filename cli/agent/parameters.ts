import { resolve } from "node:path";
import type { Command } from "../command_line/command.ts";
import type { Given } from "../command_line/given.ts";
import { UsageError } from "../command_line/usage_error.ts";
import { quote } from "../command_line/words.ts";
import { descriptorOf } from "../descriptor.ts";
import { whyNotStarted } from "../run/find_program.ts";
import { readerOfInput } from "../standard_input.ts";

export interface AgentParameters {
  /** Private keys of other programs: paths, or `-`. */
  readonly keys: readonly string[];
  /** Where passphrases of encrypted keys are read, a line each; undefined: at the terminal. */
  readonly passphrases: number | undefined;
  /** What standard input is read for, to its end. */
  readonly inputIs: string | undefined;
  /** How long the keys are offered, in seconds. */
  readonly lifetime: number | undefined;
  /** Each use of them is confirmed. */
  readonly confirm: boolean;
  /** The program that asks. */
  readonly askpass: string | undefined;
  /** Where the socket is to be, as a whole path. */
  readonly socket: string | undefined;
  /** Keys are kept in OpenSSL's secure heap. */
  readonly secureHeap: boolean;
  /** Requests are written to standard error. */
  readonly log: boolean;
  /** The socket is written as JSON. */
  readonly json: boolean;
  /** Null: the agent runs until it is ended. */
  readonly command: readonly string[] | null;
}

export const OPTIONS: Command["options"] = {
  key: {
    kind: "list",
    value: "PATH",
    about:
      "a private key, in any form that lethe key convert reads; - is standard input. A certificate in PATH-cert.pub is offered too. Others can be added with ssh-add",
    values: "file",
  },
  "passphrase-fd": {
    kind: "value",
    value: "N",
    descriptor: "read",
    about: "passphrases of encrypted keys, a line each (default: ask on the terminal)",
  },
  lifetime: {
    kind: "value",
    value: "SECONDS",
    about: "offer the keys of --key for so long, 1 to 4294967295",
  },
  confirm: { kind: "flag", about: "ask before each use of a key of --key" },
  askpass: {
    kind: "value",
    value: "PROGRAM",
    about:
      "what asks, for --confirm and ssh-add -c (default: SSH_ASKPASS of the environment). The question is its argument; exit status 0 with no output, or with yes, is a yes",
    values: "file",
  },
  socket: {
    kind: "value",
    value: "PATH",
    about: "where to put the socket, in a folder of mode 0700 (default: a new one)",
    values: "file",
  },
  "secure-heap": {
    kind: "flag",
    about:
      "keep keys in OpenSSL's secure heap, where ECDSA and RSA keys sign many times as fast, and lie open in the custodian. Node.js alone has one",
  },
  log: {
    kind: "flag",
    about: "write each request to standard error, as a line of JSON without its content",
  },
  json: {
    kind: "flag",
    about:
      "without a command: the socket and what is true of it, as JSON. A failure, as JSON on standard error",
  },
};

/** @throws {UsageError} with one line that says what is wrong */
export function readParameters(given: Given): AgentParameters {
  const { program } = given;
  if (program?.length === 0) throw new UsageError("a command is needed behind --");
  const keys = given.values("key"); // as given: resolve() makes another path of `link/../key`
  const passphrases = descriptorOf(given, "passphrase-fd");
  const inputIs = readerOfInput([
    ...keys.map((path) => ({ what: "--key", path })),
    { what: "--passphrase-fd", line: passphrases },
  ]);
  const socket = given.value("socket");
  const askpass = given.value("askpass") ?? (process.env["SSH_ASKPASS"] || undefined);
  const confirm = given.has("confirm");
  if (confirm && askpass === undefined) {
    throw new UsageError("--confirm needs --askpass, or SSH_ASKPASS in the environment");
  }
  const isNamed = given.value("askpass") !== undefined;
  if (askpass !== undefined && (confirm || isNamed)) checkAskpass(askpass, isNamed);
  return {
    keys,
    passphrases,
    inputIs,
    lifetime: lifetimeOf(given.value("lifetime")),
    confirm,
    askpass,
    socket: socket === undefined ? undefined : resolve(socket),
    secureHeap: given.has("secure-heap"),
    log: given.has("log"),
    json: given.has("json"),
    command: program,
  };
}

function checkAskpass(askpass: string, isNamed: boolean): void {
  const flaw = whyNotStarted(askpass);
  if (flaw === null) return;
  const name = isNamed ? "--askpass" : "SSH_ASKPASS in the environment";
  throw new UsageError(`${name} names ${quote(askpass)}, which cannot be started (${flaw})`);
}

function lifetimeOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\d{1,10}$/.test(value) ? Number(value) : 0;
  if (seconds >= 1 && seconds <= 0xffff_ffff) return seconds;
  throw new UsageError("--lifetime must be a whole number of seconds, 1 to 4294967295");
}
