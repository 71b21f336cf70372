import process from "node:process";
import { parseArgs } from "node:util";
import {
  ForensicsError,
  formatReport,
  type Needle,
  reportToJson,
  type ScanOptions,
  type ScanResult,
  scanCore,
  scanFile,
  scanProcess,
} from "../../conformance/mod.ts";
import {
  type Encoding,
  LetheError,
  type MemoryOffer,
  type SecretBuffer,
  type Secrets,
} from "../../core/mod.ts";
import { entryHere } from "../entry_here.ts";
import { paletteFor } from "../terminal.ts";
import { readNeedle } from "./read_needle.ts";

const USAGE = `Usage: lethe scan PID [--encoding hex|base64|base64url] [--pause] [--json]
       lethe scan --core FILE | --file FILE [...]

Looks for a secret in the memory of process PID (Linux), in a core file or in any other file, as
itself, reversed, as hex, base64, decimal text, UTF-16 and as arrays of numbers.

The secret is asked for on the terminal, or read as one line from standard input. It is never an
argument: those are in every process list and shell history. At least 8 bytes, better 16 or more.

  --encoding   the secret is given as hex, base64 or base64url (default: as it is)
  --pause      stop the process (SIGSTOP) while it is read
  --json       the report for machines

Exit status: 0 nothing found, 1 found, 2 wrong usage or the process could not be read, 130 Ctrl-C.
`;

/** What to look into. */
type Target =
  | { readonly kind: "process"; readonly pid: number; readonly pause: boolean }
  | { readonly kind: "core"; readonly path: string }
  | { readonly kind: "file"; readonly path: string };

/** `lethe scan`: says where copies of a secret lie, never what they are. */
export async function scan(parameters: readonly string[]): Promise<number> {
  const { stdout, stderr } = process;
  try {
    const { values, positionals } = parseArgs({
      args: [...parameters],
      allowPositionals: true,
      options: {
        core: { type: "string" },
        file: { type: "string" },
        encoding: { type: "string" },
        pause: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      stdout.write(USAGE);
      return 0;
    }
    const target = targetOf(values, positionals);
    const report = await search(target, values.encoding as Encoding | undefined);
    if (report.outcome === "unsupported") throw new TypeError(report.reason);
    const clean = report.findings.length === 0;
    const { good, bad } = paletteFor(stdout);
    const text = values.json ? reportToJson(report) : (clean ? good : bad)(formatReport(report));
    stdout.write(`${text}\n`);
    return clean ? 0 : 1;
  } catch (error) {
    if (error instanceof LetheError && error.code === "ERR_LETHE_PROMPT_CANCELLED") return 130;
    if (!isExpected(error)) throw error;
    stderr.write(`lethe scan: ${error.message}\n`);
    return 2;
  }
}

function targetOf(
  values: { readonly core?: string; readonly file?: string; readonly pause: boolean },
  positionals: readonly string[],
): Target {
  const { core, file, pause } = values;
  const [pid, ...more] = positionals;
  const given = [pid, core, file].filter((value) => value !== undefined);
  if (given.length !== 1 || more.length > 0) {
    throw new TypeError("one of PID, --core FILE and --file FILE is needed; see scan --help");
  }
  if (core !== undefined) return { kind: "core", path: core };
  if (file !== undefined) return { kind: "file", path: file };
  if (!/^[1-9]\d*$/.test(String(pid))) throw new TypeError("PID must be a positive integer");
  return { kind: "process", pid: Number(pid), pause };
}

/**
 * The needle lives in secret memory, and is destroyed before the report is printed. What the scan
 * knows of it and of the target lies in the same memory.
 */
async function search(target: Target, encoding: Encoding | undefined): Promise<ScanResult> {
  const entry = await entryHere();
  const secrets = entry.openSecrets();
  try {
    const given = await readNeedle(entry, secrets, "Secret to look for (not shown): ");
    const secret = encoding === undefined ? given : decoded(secrets, given, encoding);
    const { memories } = entry.runtime;
    const taken = memories.findIndex(({ name }) => name === secrets.memory);
    return secret.expose((bytes) =>
      lookFrom(memories.slice(taken), target, { label: "the secret", bytes }),
    );
  } finally {
    secrets[Symbol.dispose]();
  }
}

function decoded(secrets: Secrets, given: SecretBuffer, encoding: Encoding): SecretBuffer {
  try {
    return given.modify((bytes) => secrets.decode(bytes, encoding));
  } finally {
    given.destroy();
  }
}

/** How a memory says that it has no room, or that it cannot be opened. */
const LACKING: readonly string[] = ["ERR_LETHE_EXHAUSTED", "ERR_LETHE_UNAVAILABLE"];

/** What the first memory has no room for, the next one takes, and the user is told. */
function lookFrom(
  [offer, ...weaker]: readonly MemoryOffer[],
  target: Target,
  needle: Needle,
): ScanResult {
  try {
    return look(target, needle, offer === undefined ? {} : { memory: offer.open() });
  } catch (error) {
    const lacking = error instanceof LetheError && LACKING.includes(error.code);
    if (!lacking || offer === undefined) throw error;
    process.stderr.write(
      `lethe scan: what it reads does not lie in ${offer.name} memory: ${error.message}\n`,
    );
    return lookFrom(weaker, target, needle);
  }
}

function look(target: Target, needle: Needle, options: ScanOptions): ScanResult {
  switch (target.kind) {
    case "core":
      return scanCore(target.path, [needle], options);
    case "file":
      return scanFile(target.path, [needle], options);
    case "process":
      return scanProcess(target.pid, [needle], { ...options, pause: target.pause });
  }
}

function isExpected(error: unknown): error is Error {
  return (
    error instanceof LetheError ||
    error instanceof ForensicsError ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    (error as NodeJS.ErrnoException | null)?.code === "ENOENT"
  );
}
