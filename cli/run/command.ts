import { LetheError } from "../../core/mod.ts";
import { callerDescriptors } from "../caller_descriptors.ts";
import type { Command } from "../command_line/command.ts";
import { NotPossibleError } from "../command_line/usage_error.ts";
import { checkOpen } from "../descriptor.ts";
import { entryHere } from "../entry_here.ts";
import { settle } from "../output.ts";
import { ffiHere } from "./adapter_here.ts";
import { whyNotStarted } from "./find_program.ts";
import { gatherSecrets } from "./gather_secrets.ts";
import { ABOUT, NOTES, OPTIONS } from "./help.ts";
import { sealedFiles } from "./memfd.ts";
import { type MemoryFile, openMemoryFile } from "./memory_file.ts";
import { numbersFor } from "./numbers.ts";
import { openFiles, type PackContext, pack } from "./pack.ts";
import { descriptorIn, type Form, readParameters, variableOf } from "./parameters.ts";
import { MOST_BYTES } from "./read_from.ts";
import { type Assemble, runAgain } from "./run_again.ts";
import { handoverOf, namingItself } from "./socket_activation.ts";
import { refuse, start } from "./start.ts";

/** `lethe run`: a program gets its secrets on descriptors. */
export const run: Command = {
  synopsis: [
    "[--prompt NAME]... [--key [NAME=]PATH]... [--token [NAME=]PATH]...",
    "  [--from NAME=REFERENCE]... [--template NAME=FORMAT]... [options]",
    "  -- COMMAND [ARGUMENT...]",
  ],
  about: ABOUT,
  options: OPTIONS,
  notes: NOTES,
  exits: [
    ["n", "COMMAND ended with n"],
    ["128 + n", "signal n ended COMMAND"],
    [
      "126, 127",
      "COMMAND cannot be started; what can be seen of that is checked before anything is asked for",
    ],
    ["2", "wrong usage or no secret (a key file refused, a source that fails)"],
    ["70", "a bug in Lethe"],
    ["130", "Ctrl-C"],
  ],
  startsProgram: true,
  async run(given) {
    const parameters = readParameters(given);
    const { wanted, form, passphrases, command, templates, restarting } = parameters;
    const [file = "", ...words] = command;
    const refusal = whyNotStarted(file);
    if (refusal !== null) return refuse(file, refusal, "lethe run");
    const read = wanted.flatMap(({ from }) => descriptorIn(from) ?? []);
    for (const descriptor of read) checkOpen("from fd:", descriptor, "read");
    const callers = (callerDescriptors() ?? []).filter(
      ({ number }) => number !== passphrases && !read.includes(number),
    );
    const numbers = numbersFor(wanted, callers);
    const openFile = await openerOf(form);
    const files = openFiles({ wanted, openFile }); // before anybody types
    const entry = await entryHere();
    const secrets = entry.openSecrets();
    const packing: PackContext = { secrets, wanted, numbers, templates, openFile };
    const assemble: Assemble = (gathered, opened) => {
      const parcels = pack(packing, gathered, opened);
      settle(); // the terminal is the command's from here on
      // After the variables that were read as secrets have been taken out of it.
      const { environment, naming } = handoverOf(process.env, callers, process.pid);
      wanted.forEach(({ name }, index) => {
        environment[variableOf(name)] = `${numbers[index]}`;
      });
      const named = namingItself(file, words, naming);
      return { title: "lethe run", ...named, environment, parcels, callers };
    };
    try {
      if (restarting !== null) {
        return await runAgain({ parameters, restarting, entry, secrets }, files, assemble);
      }
      return await start(assemble(await gatherSecrets(parameters, entry, secrets), files));
    } finally {
      secrets[Symbol.dispose]();
    }
  },
};

/** What makes the files of secrets; null for sockets, which starting a command makes. */
async function openerOf(form: Form): Promise<(() => MemoryFile) | null> {
  if (form === "socket") return null;
  if (form === "file") return () => openMemoryFile(MOST_BYTES);
  try {
    const open = sealedFiles(await ffiHere());
    return () => open(MOST_BYTES);
  } catch (error) {
    if (!(error instanceof LetheError)) throw error;
    const reason = error.message.replace(/^Cannot [^:]*: /, "");
    throw new NotPossibleError(`--as memfd needs FFI: ${reason}; --as file needs none`);
  }
}
