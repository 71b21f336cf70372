import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from "node:fs";
import {
  formatReport,
  type Needle,
  reportToJson,
  type ScanOptions,
  type ScanResult,
  scanCore,
  scanFile,
  scanProcess,
} from "../../conformance/mod.ts";
import { isArgumentError } from "../../core/arguments/argument_error.ts";
import {
  type Encoding,
  LetheError,
  type MemoryProvider,
  type SecretBuffer,
  type Secrets,
} from "../../core/mod.ts";
import type { Command } from "../command_line/command.ts";
import type { Given } from "../command_line/given.ts";
import { NotPossibleError, UsageError } from "../command_line/usage_error.ts";
import { entryHere } from "../entry_here.ts";
import { complain, print, working } from "../output.ts";
import { palette } from "../terminal.ts";
import { readNeedle } from "./read_needle.ts";

/** What to look into. */
type Target =
  | { readonly kind: "process"; readonly pid: number; readonly pause: boolean }
  | { readonly kind: "core"; readonly path: string }
  | { readonly kind: "file"; readonly path: string };

const ENCODINGS: readonly Encoding[] = ["hex", "base64", "base64url"];

/** `lethe scan`: says where copies of a secret lie, never what they are. */
export const scan: Command = {
  synopsis: [
    "PID [--encoding hex|base64|base64url] [--pause] [--json]",
    "--core FILE | --file FILE [...]",
  ],
  about: [
    "Searches the memory of process PID (Linux), a core file or any other file for a secret: as it is, reversed, as hex, base64, decimal text, UTF-16 and as arrays of numbers.",
    "lethe asks for the secret on the terminal, or reads it as one line from standard input. It is never an argument: those are in every process list and shell history. Give at least 8 bytes, better 16 or more. The newline is not part of it. Give a secret with invisible characters by --encoding.",
  ],
  options: {
    core: {
      kind: "value",
      value: "FILE",
      about: "search a core file, with its gaps counted",
      values: "file",
    },
    file: { kind: "value", value: "FILE", about: "search any other file", values: "file" },
    encoding: {
      kind: "value",
      value: "NAME",
      about: "you give the secret as hex, base64 or base64url (default: as it is)",
      values: ENCODINGS,
    },
    pause: { kind: "flag", about: "stop the process (SIGSTOP) while it is read" },
    json: { kind: "flag", about: "the report, as JSON" },
  },
  words: "process",
  exits: [
    ["0", "nothing found"],
    ["1", "found"],
    ["2", "wrong usage or the process could not be read"],
    ["130", "Ctrl-C"],
  ],
  mostWords: 1,
  async run(given) {
    const target = targetOf(given);
    const encoding = encodingOf(given.value("encoding"));
    checkTarget(target); // before anybody types
    const report = await search(target, encoding);
    if (report.outcome === "unsupported") throw new NotPossibleError(report.reason);
    const clean = report.findings.length === 0;
    const { good, bad } = palette();
    const text = given.has("json")
      ? reportToJson(report)
      : (clean ? good : bad)(formatReport(report));
    print(`${text}\n`);
    return clean ? 0 : 1;
  },
};

function targetOf(given: Given): Target {
  const [pid] = given.words;
  const [core, file] = [given.value("core"), given.value("file")];
  if ([pid, core, file].filter((value) => value !== undefined).length !== 1) {
    throw new UsageError("one of PID, --core FILE and --file FILE is needed");
  }
  if (pid === undefined && given.has("pause")) throw new UsageError("--pause goes with PID");
  if (core !== undefined) return { kind: "core", path: core };
  if (file !== undefined) return { kind: "file", path: file };
  if (!/^[1-9]\d{0,9}$/.test(String(pid))) throw new UsageError("PID must be a positive integer");
  return { kind: "process", pid: Number(pid), pause: given.has("pause") };
}

function encodingOf(value: string | undefined): Encoding | undefined {
  const found = ENCODINGS.find((encoding) => encoding === value);
  if (found === value) return found;
  throw new UsageError(`--encoding must be ${ENCODINGS.join(", ")}`);
}

/** @throws {NotPossibleError} when it can be known without the secret that the target cannot be read */
function checkTarget(target: Target): void {
  if (target.kind !== "process") {
    checkFile(target);
    return;
  }
  if (process.platform !== "linux") return;
  try {
    closeSync(openSync(`/proc/${target.pid}/mem`, "r"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT" && existsSync("/proc/self")
        ? "there is no such process"
        : `${code}; run as its user with ptrace(2) allowed, or with CAP_SYS_PTRACE`;
    throw new NotPossibleError(`Cannot scan process ${target.pid}: ${reason}`);
  }
}

/** A pipe would wait, and be consumed; a device like /dev/zero has no end. A disk has one. */
function checkFile({ kind, path }: Exclude<Target, { kind: "process" }>): void {
  const refuse = (reason: string): never => {
    throw new NotPossibleError(`Cannot scan ${kind} ${JSON.stringify(path)}: ${reason}`);
  };
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const facts = fstatSync(descriptor);
    if (facts.isDirectory()) refuse("it is a directory; give a file");
    if (!facts.isFile() && !facts.isBlockDevice()) {
      refuse(
        "it is a pipe or a device without an end; write to a file what it gives, and give that",
      );
    }
    if (kind === "file") return;
    const start = new Uint8Array(new ArrayBuffer(CORE_START_BYTES));
    const length = readSync(descriptor, start, 0, start.length, 0);
    if (length < start.length || ELF.some((byte, at) => start[at] !== byte)) {
      refuse("it is not an ELF file (compressed? decompress it first)");
    }
    if (start[CORE_TYPE_AT] !== CORE_TYPE) refuse("it is an ELF file, but no core file");
  } finally {
    closeSync(descriptor);
  }
}

/** elf(5): the magic, and where e_type is. */
const ELF: readonly number[] = [0x7f, 0x45, 0x4c, 0x46];
const CORE_START_BYTES = 18;
const CORE_TYPE_AT = 16;
const CORE_TYPE = 4;

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
    working("scanning ...");
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
  [provider, ...weaker]: readonly MemoryProvider[],
  target: Target,
  needle: Needle,
): ScanResult {
  try {
    return look(target, needle, provider === undefined ? {} : { memory: provider.open() });
  } catch (error) {
    // Of a needle that is too short or too regular, in words without its bytes.
    if (isArgumentError(error)) throw new NotPossibleError(error.message);
    const lacking = error instanceof LetheError && LACKING.includes(error.code);
    if (!lacking || provider === undefined) throw error;
    complain(
      `lethe scan: what it reads does not lie in ${provider.name} memory: ${error.message}\n`,
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
