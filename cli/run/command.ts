import { callerDescriptors } from "../caller_descriptors.ts";
import type { Command } from "../command_line/command.ts";
import { checkOpen } from "../descriptor.ts";
import { entryHere } from "../entry_here.ts";
import { settle } from "../output.ts";
import { whyNotStarted } from "./find_program.ts";
import { gatherSecrets, MOST_BYTES } from "./gather_secrets.ts";
import { fillFiles, type Parcel } from "./hand_over.ts";
import { ABOUT, NOTES, OPTIONS } from "./help.ts";
import { openMemoryFile } from "./memory_file.ts";
import { numbersFor } from "./numbers.ts";
import { descriptorIn, readParameters, variableOf } from "./parameters.ts";
import { handoverOf, namingItself } from "./socket_activation.ts";
import { refuse, start } from "./start.ts";

/** `lethe run`: a program gets its secrets on descriptors. */
export const run: Command = {
  synopsis: [
    "[--prompt NAME]... [--key [NAME=]PATH]... [--token [NAME=]PATH]...",
    "  [--from NAME=REFERENCE]... [options]",
    "  -- COMMAND [ARGUMENT...]",
  ],
  about: ABOUT,
  options: OPTIONS,
  notes: NOTES,
  exits: [
    ["n", "COMMAND ended with n"],
    ["128 + n", "signal n ended COMMAND"],
    ["126, 127", "COMMAND cannot be started, which lethe checks before it asks for anything"],
    ["2", "wrong usage or no secret"],
    ["70", "a bug in Lethe"],
    ["130", "Ctrl-C"],
  ],
  startsProgram: true,
  async run(given) {
    const parameters = readParameters(given);
    const { wanted, form, passphrases, command } = parameters;
    const [file = "", ...words] = command;
    const refusal = whyNotStarted(file);
    if (refusal !== null) return refuse(file, refusal, "lethe run");
    checkOpen("passphrase-fd", passphrases);
    const read = wanted.flatMap(({ from }) => descriptorIn(from) ?? []);
    for (const descriptor of read) checkOpen("from fd:", descriptor);
    const callers = (callerDescriptors() ?? []).filter(
      ({ number }) => number !== passphrases && !read.includes(number),
    );
    const numbers = numbersFor(wanted, callers);
    const files = wanted.map(() => (form === "file" ? openMemoryFile(MOST_BYTES) : null));
    const entry = await entryHere();
    const secrets = entry.openSecrets();
    try {
      const gathered = await gatherSecrets(parameters, entry, secrets);
      const parcels = gathered.map((secret, index): Parcel => {
        return { number: numbers[index] as number, secret, file: files[index] ?? null };
      });
      fillFiles(parcels);
      settle(); // the terminal is the command's from here on
      const variables = wanted.map(({ name }, index) => [variableOf(name), `${numbers[index]}`]);
      const { environment, naming } = handoverOf(process.env, callers, process.pid);
      Object.assign(environment, Object.fromEntries(variables));
      return await start({
        title: "lethe run",
        ...namingItself(file, words, naming),
        environment,
        parcels,
        callers,
      });
    } finally {
      secrets[Symbol.dispose]();
    }
  },
};
