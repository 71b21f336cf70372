import { isArgumentError } from "../core/arguments/argument_error.ts";
import type { Command } from "./command_line/command.ts";
import { NotPossibleError, UsageError } from "./command_line/usage_error.ts";
import { DiscardedError, systemCodeOf } from "./file_error.ts";
import { OutputError } from "./output.ts";

/** How a command ends that threw. */
export interface Failure {
  readonly status: number;
  readonly code: string;
  /** One line without a secret; null where nothing is to be said. */
  readonly message: string | null;
}

/** Wrong usage, or what was asked for cannot be done here. */
const CANNOT = 2;
/** EX_SOFTWARE and EX_IOERR of sysexits(3). */
const INTERNAL = 70;
const OUTPUT = 74;
/** 128 and the numbers of SIGINT and SIGPIPE, as a shell gives them. */
const CANCELLED = 130;
const NO_READER = 141;

/**
 * What an error means for the exit status, and its one line. The words of Lethe's own errors and those
 * of the operating system hold no secret. Those of any other error may quote what was parsed, so that
 * its name is all that is told; LETHE_DEBUG=1 shows the rest.
 */
export function failureOf(error: unknown, command: Pick<Command, "statusOf"> = {}): Failure {
  const { name, code = "", message } = error as NodeJS.ErrnoException;
  if (error instanceof UsageError) return { status: CANNOT, code: "USAGE", message: line(message) };
  if (error instanceof NotPossibleError) {
    return { status: CANNOT, code: "NOT_POSSIBLE", message: line(message) };
  }
  if (error instanceof OutputError) {
    return code === "EPIPE"
      ? { status: NO_READER, code, message: null }
      : { status: OUTPUT, code, message: line(message) };
  }
  if (error instanceof DiscardedError) return { status: CANCELLED, code: "ENDED", message: null };
  if (isArgumentError(error)) return { status: CANNOT, code: "USAGE", message: line(message) };
  if (code === "ERR_LETHE_PROMPT_CANCELLED") return { status: CANCELLED, code, message: null };
  if (code.startsWith("ERR_LETHE_")) {
    const status = command.statusOf?.({ code }) ?? CANNOT;
    return { status, code, message: line(message) };
  }
  const system = systemCodeOf(error);
  if (system !== null) {
    const status = command.statusOf?.({ code: system }) ?? CANNOT;
    return { status, code: system, message: line(message) };
  }
  if (code.startsWith("ERR_FORENSICS_")) {
    return { status: CANNOT, code, message: line(message) };
  }
  const what = [name ?? typeof error, code].filter((part) => part !== "").join(" ");
  return {
    status: INTERNAL,
    code: "INTERNAL",
    message: `internal fault: ${line(what)}; LETHE_DEBUG=1 shows where, with words that may quote data`,
  };
}

/** The whole error, for whoever asked for it. */
export function details(error: unknown): string {
  if (!process.env["LETHE_DEBUG"]) return "";
  return `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}

/** On one line, with nothing that steers a terminal. */
function line(text: string): string {
  return text.replace(/\s+/g, " ").replace(/\p{Control}|\p{Format}/gu, "?");
}
