import { closeSync, statSync } from "node:fs";
import process from "node:process";
import {
  type Custodian,
  LetheError,
  openCustodian,
  openKeyFiles,
  openSecrets,
  type Secrets,
} from "../../adapters/node/mod.ts";
import { fill, openPipe } from "./hand_over.ts";
import { readParameters, variableOf, type Wanted } from "./parameters.ts";
import { start } from "./start.ts";

const USAGE = `Usage: lethe run [--prompt NAME]... [--key [NAME=]PATH]... -- COMMAND [ARGUMENT...]

Runs COMMAND with secrets on descriptors: pipes that it inherits, from 3 on in this order. They are
never in its arguments or its environment, which tells the numbers alone: LETHE_FD_NAME=3.

  --prompt NAME   asked for on the terminal, or read as a line of standard input where there is none
  --key PATH      a key file (lethe key); NAME is its name unless it is given

Each pipe holds the bytes of one secret, without a newline, and then ends. It can be read once, and
is to be read as a descriptor: /dev/fd/3 cannot be opened again.

  sh       openssl ... -pass fd:3, gpg --passphrase-fd 3, psql ... <&3
  Node     readSync(3, bytes)
  Python   os.readv(3, [bytearray])

Exit status: that of COMMAND, 128 + n when signal n ended it; 126 or 127 when it could not be started,
2 wrong usage or no secret, 130 Ctrl-C at the prompt.
`;

/** `lethe run`: a program gets its secrets on descriptors. */
export async function run(parameters: readonly string[]): Promise<number> {
  const [first] = parameters;
  if (first === "--help") {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    const { wanted, command } = readParameters(parameters);
    const readers = await handOver(wanted);
    const variables = wanted.map(({ name }, index) => [variableOf(name), `${index + 3}`]);
    return await start(command, readers, Object.fromEntries(variables));
  } catch (error) {
    if (error instanceof LetheError && error.code === "ERR_LETHE_PROMPT_CANCELLED") return 130;
    if (
      !(error instanceof LetheError || error instanceof TypeError || error instanceof RangeError)
    ) {
      throw error;
    }
    process.stderr.write(`lethe run: ${error.message}\n`);
    return 2;
  }
}

/** What is typed goes into a custodian first, so that a slow typist leaves nothing here. */
async function handOver(wanted: readonly Wanted[]): Promise<readonly number[]> {
  const secrets = openSecrets();
  const prompted = wanted.filter(({ keyFile }) => keyFile === null);
  const custodian = prompted.length === 0 ? null : await openCustodian({ secrets });
  const readers: number[] = [];
  try {
    for (const { name } of prompted) {
      await custodian?.prompt(name, `${name}: `, { mayLeave: true, uses: 1, maxBytes: 65_536 });
    }
    for (const one of wanted) readers.push(await fillFrom(one, secrets, custodian));
    return readers;
  } catch (error) {
    for (const reader of readers) closeSync(reader);
    throw error;
  } finally {
    await custodian?.close();
    secrets[Symbol.dispose]();
  }
}

async function fillFrom(
  { name, keyFile }: Wanted,
  secrets: Secrets,
  custodian: Custodian | null,
): Promise<number> {
  const pipe = openPipe();
  if (keyFile === null) {
    await custodian?.expose(name, (bytes) => fill(pipe, bytes));
    return pipe.reader;
  }
  const key = openKeyFiles(secrets, { onMisuse: "throw" }).read(keyFile, sizeOf(keyFile));
  try {
    key.expose((bytes) => fill(pipe, bytes));
  } finally {
    key.destroy();
  }
  return pipe.reader;
}

/** A key file is read by its size, which is checked again on what was opened. */
function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    throw new TypeError(`there is no key file ${path}`);
  }
}
