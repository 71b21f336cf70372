import { bare } from "../../core/arguments/own.ts";
import type { Command } from "../command_line/command.ts";
import { entryHere } from "../entry_here.ts";
import { print } from "../output.ts";
import { palette } from "../terminal.ts";
import type { Told } from "./action.ts";
import { ACTIONS } from "./actions.ts";
import { checkBefore } from "./check_before.ts";
import { type Parameters, readParameters } from "./parameters.ts";
import { ACTION_TABLE, OPTIONS } from "./table.ts";

/** `lethe key`: makes, checks and keeps key files. */
export const key: Command = {
  synopsis: ["ACTION PATH [options]"],
  about: ["lethe key ACTION --help shows the options of an action."],
  actions: ACTION_TABLE,
  options: OPTIONS,
  words: "file",
  notes: [
    "lethe asks for a passphrase on the terminal, or reads one line from standard input if there is no terminal. It is never an argument. It is UTF-8 text, taken byte for byte. Invisible characters are refused, and so are, in a new passphrase, characters that another keyboard may send as other bytes.",
  ],
  exits: [
    ["0", "done"],
    ["1", "refused (the path, its owner, its mode, the file system)"],
    ["2", "wrong usage, or a file --out that is there already"],
    ["3", "wrong passphrase"],
    [
      "4",
      "the file has another size, is plain instead of sealed or the reverse, is damaged or in another format",
    ],
    ["130", "Ctrl-C"],
  ],
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
    const { action: name, path, cost, inputIs } = parameters;
    const keys = openKeyFiles(secrets, {
      onMisuse: "throw",
      ...(cost === undefined ? {} : { cost }),
    });
    checkBefore(keys, parameters);
    const action = ACTIONS[name] as (typeof ACTIONS)[string];
    const told = await action({ keys, secrets, promptSecret, inputIs }, parameters);
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
