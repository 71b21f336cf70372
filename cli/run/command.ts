import { callerDescriptors } from "../caller_descriptors.ts";
import type { Command } from "../command_line/command.ts";
import { checkOpen } from "../descriptor.ts";
import { entryHere } from "../entry_here.ts";
import { whyNotStarted } from "./find_program.ts";
import { gatherSecrets, MOST_BYTES } from "./gather_secrets.ts";
import { fillFiles, type Parcel } from "./hand_over.ts";
import { openMemoryFile } from "./memory_file.ts";
import { numbersFor } from "./numbers.ts";
import { OPTIONS, readParameters, variableOf } from "./parameters.ts";
import { handoverOf, namingItself } from "./socket_activation.ts";
import { refuse, start } from "./start.ts";

const USAGE = `Usage: lethe run [--prompt NAME]... [--key [NAME=]PATH]... [--token [NAME=]PATH]... [options]
                 -- COMMAND [ARGUMENT...]

Runs COMMAND with secrets on descriptors that it inherits. They are never in its arguments or its
environment, which has only the numbers: LETHE_FD_NAME=3.

  --prompt NAME       ask on the terminal, or read a line of standard input if there is no terminal
  --key [NAME=]PATH   a key file (lethe key), every byte of it, also a newline at its end. Without NAME,
                      the name is that of the file
  --token [NAME=]PATH a file with one line of text, without its newline (LF or CR LF)
  NAME@N              instead of NAME: put the secret on descriptor N, or do not start the command
  --as socket         the default: a socket that holds the bytes and then ends. It is read once
  --as file           a file in memory without a name. The command can open /dev/fd/N again and again
  --passphrase-fd N   passphrases of sealed key files, a line each (default: ask on the terminal)
  --sealed            refuse a plain key file; so does --passphrase-fd
  --trust PROFILE     of key files that a platform placed: kubernetes, systemd, compose
  --as-is             take key files even if they look like PEM, JSON, hex, base64 or another format

Without @N the numbers go from 3 upwards. They leave out the descriptors that lethe run itself inherited:
the command gets those too, under the same numbers. A typed line and a token come without a newline.
They are refused if they have invisible characters, such as a byte order mark.

  openssl enc -aes-256-cbc -pbkdf2 -pass fd:3 ...            gpg --batch --passphrase-fd 3 ...
  Node: readSync(3, bytes)                                   Python: os.readv(3, [bytearray])
with --as file:
  psql "host=db user=app passfile=/dev/fd/3"                 curl --header @/dev/fd/3 ...
with --as file --as-is:
  mysql --defaults-extra-file=/dev/fd/3                      age --decrypt --identity /dev/fd/3 ...

Never redirect a secret to standard input (<&3) unless the program reads a secret there: psql would run
it as SQL. No other process can open the socket; one of the same user that may use ptrace(2)
can take it, and read the memory of the command. Every process of the same user that may read
/proc/PID/fd of the command can open a file, and the memory of the file can be swapped.

Exit status: that of COMMAND, or 128 + n when signal n ended it; 126 or 127 when it cannot be started, which
lethe checks before it asks for anything; 2 wrong usage or no secret, 70 a bug in Lethe, 130 Ctrl-C.
`;

/** `lethe run`: a program gets its secrets on descriptors. */
export const run: Command = {
  usage: USAGE,
  options: OPTIONS,
  startsProgram: true,
  async run(given) {
    const parameters = readParameters(given);
    const { wanted, form, passphrases, command } = parameters;
    const [file = "", ...words] = command;
    const refusal = whyNotStarted(file);
    if (refusal !== null) return refuse(file, refusal);
    checkOpen("passphrase-fd", passphrases);
    const callers = (callerDescriptors() ?? []).filter(({ number }) => number !== passphrases);
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
      const variables = wanted.map(({ name }, index) => [variableOf(name), `${numbers[index]}`]);
      const { environment, naming } = handoverOf(process.env, callers, process.pid);
      Object.assign(environment, Object.fromEntries(variables));
      return await start({
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
