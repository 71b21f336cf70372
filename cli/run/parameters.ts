import type { KeyFileTrust } from "../../adapters/node/mod.ts";
import type { Given } from "../command_line/given.ts";
import { UsageError } from "../command_line/usage_error.ts";
import { quote } from "../command_line/words.ts";
import { descriptorOf } from "../descriptor.ts";
import { readTrust } from "../key/parameters.ts";
import { isStandardInput } from "../standard_input.ts";
import { type Template, templateOf } from "./template.ts";

/** A secret that a command is to get. */
export interface Wanted {
  /** Letters, digits and `_`: the command finds the descriptor's number in `LETHE_FD_<NAME>`. */
  readonly name: string;
  /** Null for one that is asked for. */
  readonly keyFile: string | null;
  /** The file holds a line of text, which is handed on without its newline. */
  readonly isToken: boolean;
  /** Where it is read instead, as `readSecret` takes it: `file:PATH`. Absent for the others. */
  readonly from?: string;
  /** The number that the command knows it by, or null for the next one that is free. */
  readonly descriptor: number | null;
}

/** `socket`: can be read once. `file` and `memfd`: can be opened as `/dev/fd/N`, and again; `memfd` is sealed. */
export type Form = "socket" | "file" | "memfd";

/** When a command is started again because a secret of it changed. All times in milliseconds. */
export interface Restarting {
  /** Between two reads of a source. */
  readonly pollEvery: number;
  /** From SIGTERM to SIGKILL. */
  readonly grace: number;
}

export interface RunParameters {
  readonly wanted: readonly Wanted[];
  readonly form: Form;
  /** Where passphrases of sealed key files are read, a line each; undefined: at the terminal. */
  readonly passphrases: number | undefined;
  /** Each key file must be sealed: one that is plain is refused. */
  readonly sealed: boolean;
  /** How the platform that placed the key files is trusted. */
  readonly trust: KeyFileTrust;
  /** Plain key files are taken although they look like another format. */
  readonly asIs: boolean;
  readonly command: readonly string[];
  /** What is written around secrets, by their names. */
  readonly templates: ReadonlyMap<string, Template>;
  /** Null: it is not started again. */
  readonly restarting: Restarting | null;
}

/** The variable that tells a command the number of a descriptor. Never what is behind it. */
export function variableOf(name: string): string {
  return `LETHE_FD_${name.toUpperCase()}`;
}

/** @throws {UsageError} with one line that says what is wrong */
export function readParameters(given: Given): RunParameters {
  if (given.program === null) throw new UsageError("-- and a command are needed");
  if (given.program.length === 0) throw new UsageError("a command is needed behind --");
  const wanted = given.options.flatMap(({ name, value }) => {
    if (name === "prompt") return [named(String(value), null)];
    if (name === "from") return [referenceOf(String(value))];
    return name === "key" || name === "token" ? [keyOf(String(value), name === "token")] : [];
  });
  if (wanted.length === 0)
    throw new UsageError("at least one --prompt, --key, --token or --from is needed");
  const variable = twice(wanted.map(({ name }) => variableOf(name)));
  if (variable !== undefined) throw new UsageError(`two secrets have the variable ${variable}`);
  const number = twice(wanted.flatMap(({ descriptor }) => descriptor ?? []));
  if (number !== undefined) throw new UsageError(`two secrets have the descriptor ${number}`);
  const passphrases = descriptorOf(given, "passphrase-fd");
  const read = wanted.flatMap(({ from }) => endIn(from) ?? []);
  const again = twice([...read, ...(passphrases === undefined ? [] : [passphrases])]);
  if (again !== undefined) {
    const what = again === 0 ? "standard input" : `descriptor ${again}`;
    throw new UsageError(`${what} can be read once, and two options are to read it`);
  }
  const templates = templatesOf(given, wanted);
  return {
    wanted,
    templates,
    restarting: restartingOf(given, wanted),
    form: formOf(given.value("as"), templates.size > 0),
    passphrases,
    sealed: given.has("sealed") || given.has("passphrase-fd"),
    trust: readTrust(given.value("trust")),
    asIs: given.has("as-is"),
    command: given.program,
  };
}

function twice<T>(values: readonly T[]): T | undefined {
  return values.find((value, index) => values.indexOf(value) !== index);
}

function keyOf(value: string, isToken: boolean): Wanted {
  const [, given, path] = /^([A-Za-z_]\w*(?:@\d+)?)=(.+)$/s.exec(value) ?? [];
  if (given !== undefined && path !== undefined) return named(given, path, isToken);
  const base = value.slice(value.lastIndexOf("/") + 1).replaceAll(/\W/g, "_");
  return named(base, value, isToken);
}

/** `NAME`, or `NAME@N` for the descriptor N. */
function named(text: string, keyFile: string | null, isToken: boolean = false): Wanted {
  const [, name, number] = /^([A-Za-z_]\w*)(?:@(\d{1,9}))?$/.exec(text) ?? [];
  if (name === undefined) {
    throw new UsageError(
      `${quote(text)} is not a valid name: use letters, digits and _, and do not begin with a digit`,
    );
  }
  const descriptor = number === undefined ? null : Number(number);
  if (descriptor !== null && (descriptor < FIRST || descriptor > LAST)) {
    throw new UsageError(`the descriptor of ${name} must be from ${FIRST} to ${LAST}`);
  }
  return { name, keyFile, isToken, descriptor };
}

function referenceOf(value: string): Wanted {
  const [, name, from] =
    /^([A-Za-z_]\w*(?:@\d+)?)=(-|(?:file|env|fd|exec|keyring|kernel-keyring):.+)$/s.exec(value) ??
    [];
  if (name === undefined || from === undefined) {
    // It is not quoted: somebody may have put the secret itself there.
    throw new UsageError(
      "--from takes NAME=file:PATH, NAME=env:VARIABLE, NAME=fd:N, NAME=exec:PROGRAM, NAME=keyring:ATTRIBUTES, NAME=kernel-keyring:KEY or NAME=-",
    );
  }
  return { ...named(name, null), from };
}

/** The descriptor that a reference names; undefined for another one. */
export function descriptorIn(from: string | undefined): number | undefined {
  const number = /^fd:(\d{1,7})$/.exec(from ?? "")?.[1];
  return number === undefined ? undefined : Number(number);
}

/** What a reference reads to its end: a descriptor, also one that is named otherwise. */
function endIn(from: string | undefined = ""): number | undefined {
  return isStandardInput(from.replace(/^file:/, "")) ? 0 : descriptorIn(from);
}

/** After standard input, output and error; and what every system lets a process open. */
export const FIRST = 3;
const LAST = 255;

function formOf(value: string | undefined, isOpened: boolean): Form {
  if (value === undefined) return isOpened ? "file" : "socket";
  if (value === "socket" || value === "file" || value === "memfd") return value;
  throw new UsageError("--as must be socket, file or memfd");
}

function templatesOf(given: Given, wanted: readonly Wanted[]): ReadonlyMap<string, Template> {
  const templates = new Map<string, Template>();
  for (const { name, value } of given.options) {
    if (name !== "template") continue;
    const [, secret = "", format = ""] = /^(\w+)=(.*)$/s.exec(String(value)) ?? [];
    if (!wanted.some((one) => one.name === secret)) {
      throw new UsageError("--template takes the NAME of a secret, = and a format: NAME=pgpass");
    }
    templates.set(secret, templateOf(format));
  }
  return templates;
}

function restartingOf(given: Given, wanted: readonly Wanted[]): Restarting | null {
  const [every, grace] = [secondsOf(given, "poll", 60), secondsOf(given, "grace", 10)];
  if (!given.has("restart-on-change")) {
    const [other] = ["poll", "grace"].filter((name) => given.has(name));
    if (other !== undefined) throw new UsageError(`--${other} goes with --restart-on-change`);
    return null;
  }
  if (!wanted.some(canChange)) {
    throw new UsageError(
      "--restart-on-change needs a --from of file:, exec:, keyring: or kernel-keyring:, which can be read again",
    );
  }
  return { pollEvery: 1000 * every, grace: 1000 * grace };
}

function secondsOf(given: Given, name: string, usual: number): number {
  const value = given.value(name);
  if (value === undefined) return usual;
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value);
  throw new UsageError(`--${name} must be from 1 to 999999 seconds`);
}

/** Whether what it names can be read again, and be another one then. */
export function canChange({ from }: Pick<Wanted, "from">): boolean {
  return (
    /^(?:file|exec|keyring|kernel-keyring):/.test(from ?? "") &&
    !/^file:\/(?:dev|proc\/self)\/fd\//.test(from ?? "")
  );
}
