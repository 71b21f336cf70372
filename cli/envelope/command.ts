import { bare } from "../../core/arguments/own.ts";
import { openEnvelopes } from "../../features/envelopes/mod.ts";
import type { Command } from "../command_line/command.ts";
import { entryHere } from "../entry_here.ts";
import { print } from "../output.ts";
import { palette } from "../terminal.ts";
import { ACTIONS, type Told } from "./actions.ts";
import { readParameters } from "./parameters.ts";
import { ACTION_TABLE, OPTIONS } from "./table.ts";

/** `lethe envelope`: age files. */
export const envelope: Command = {
  synopsis: ["ACTION FILE [OUT] [options]"],
  about: [
    "Seals and opens age files (age-encryption.org/v1). FILE and OUT are paths, or - for standard input and output. OUT is a new file of mode 0600.",
  ],
  actions: ACTION_TABLE,
  options: OPTIONS,
  words: "file",
  notes: [
    "lethe asks for a passphrase on the terminal, or reads one line from standard input if there is no terminal. It is never an argument. A private key is a file, never an argument either.",
    "open gives out what is authentic as it reads. If the end of the file was cut or altered, there is no file OUT, and the exit status is 4; what went to standard output is only a beginning.",
  ],
  exits: [
    ["0", "done"],
    ["1", "refused: a plugin or the system failed, or a file cannot be read or written"],
    ["2", "wrong usage, or a file that is there already"],
    ["3", "none of the identities opens it, or the passphrase is another"],
    ["4", "it is not an age file, was altered or cut, or is for another context"],
    ["130", "Ctrl-C"],
  ],
  mostWords: 3,
  async run(given) {
    const parameters = readParameters(given);
    const { openSecrets, promptSecret } = await entryHere();
    const secrets = openSecrets();
    try {
      const { inputIs } = parameters;
      const bench = { secrets, promptSecret, inputIs, envelopes: openEnvelopes(secrets) };
      const action = ACTIONS[parameters.action] as (typeof ACTIONS)[string];
      const told = await action(bench, parameters);
      if (parameters.out === "-") return 0;
      print(given.has("json") ? `${JSON.stringify(told)}\n` : render(told));
      return 0;
    } finally {
      secrets[Symbol.dispose]();
    }
  },
  statusOf: ({ code }) => STATUS[code] ?? 1,
};

const STATUS: Readonly<Record<string, number>> = bare({
  ERR_LETHE_ENVELOPE_ADDRESS: 3,
  ERR_LETHE_KEY_PASSPHRASE: 3,
  ERR_LETHE_ENVELOPE_FORMAT: 4,
  ERR_LETHE_ENVELOPE_CONTEXT: 4,
  ERR_LETHE_FORGED: 4,
  ERR_LETHE_KEY_COST: 4,
  ERR_LETHE_KEY_FORMAT: 4,
  ERR_LETHE_KEY_DAMAGED: 4,
  ERR_LETHE_KEY_INVALID: 4,
  ERR_LETHE_UNSUPPORTED: 4,
});

function render({ done, ...facts }: Told): string {
  const { good, faint } = palette();
  const lines = Object.entries(facts).map(
    ([name, value]) => `  ${faint(wordsOf(name))} ${textOf(value)}\n`,
  );
  return `${good(done)}\n${lines.join("")}`;
}

/** `payloadBytes` as `payload bytes`. */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).padEnd(13);
}

/** What stands in a file may be anything: a terminal takes visible characters alone. */
function textOf(value: unknown): string {
  const text = Array.isArray(value) ? value.join(", ") : value === null ? "none" : String(value);
  return text.replace(/[^ -~]/g, "?");
}
