import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Writable } from "node:stream";
import { bare, errorCode } from "../../core/arguments/own.ts";
import { NO_DESCRIPTORS } from "../../system/no_descriptors.ts";
import type { CallerDescriptor } from "../caller_descriptors.ts";
import { complain } from "../output.ts";
import { whyNotStarted } from "./find_program.ts";
import { closeFiles, discard, endOf, type Parcel, pour } from "./hand_over.ts";
import { type Job, listenFor } from "./job.ts";

/** A command that is to be started. */
export interface Start {
  /** What the line about a failure begins with. */
  readonly title: string;
  readonly file: string;
  readonly parameters: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly parcels: readonly Parcel[];
  /** What it gets besides, under the same numbers. */
  readonly callers: readonly CallerDescriptor[];
}

/** What a shell gives for a command that is not there, and for one that cannot be started. */
const NOT_FOUND = 127;
const NOT_STARTED = 126;

/**
 * Starts a command, hands its secrets over, and waits for its end. It has all else as this process does.
 *
 * @returns its exit status; 128 + n when signal n ended it
 */
export async function start(command: Start): Promise<number> {
  const job = listenFor();
  try {
    return await launch(command, job).ended;
  } finally {
    job.end();
  }
}

/** A command that was started, or refused. */
export interface Launched {
  /** Null: the system refused to start it. */
  readonly child: ChildProcess | null;
  /** Its exit status, once its secrets are handed over too; 128 + n when signal n ended it. */
  readonly ended: Promise<number>;
}

/** Starts a command as a part of a job, and hands its secrets over. */
export function launch(command: Start, job: Job): Launched {
  const { title, file, parcels } = command;
  let child: ChildProcess;
  try {
    child = spawned(command);
  } catch (error) {
    discard(parcels);
    const code = errorCode(error);
    if (code === undefined || !SYSTEM_CODE.test(code)) throw error;
    return { child: null, ended: Promise.resolve(refuse(file, code, title)) };
  }
  const status = statusOf(child, file, title);
  job.follow(child);
  closeFiles(parcels);
  const poured = Promise.all(parcels.map((parcel) => pourInto(child, parcel)));
  poured.catch(() => undefined); // is thrown below; the command has seen the end of its input
  const ended = status.then(async (code) => {
    await poured;
    return code;
  });
  return { child, ended };
}

/** @throws at once what Node does not say by an event, as ETXTBSY and E2BIG */
function spawned(command: Start): ChildProcess {
  const { file, parameters, environment } = command;
  return spawn(file, parameters, { stdio: stdioFor(command), env: environment });
}

/** Not that of a wrong argument, as ERR_INVALID_ARG_VALUE. */
const SYSTEM_CODE = /^E[A-Z0-9]+$/;

/** Says why a command does not start. @returns the exit status for it */
export function refuse(file: string, code: string, title: string): number {
  const there = code === "ENOENT" && whyNotStarted(file) === null;
  const reason = there ? "the interpreter or loader that it names is not there" : REASONS[code];
  complain(`${title}: ${file}: ${reason === undefined ? code : `${reason} (${code})`}\n`);
  return code === "ENOENT" ? NOT_FOUND : NOT_STARTED;
}

const REASONS: Readonly<Record<string, string>> = bare({
  ENOENT: "there is no such program; correct the name, or add its folder to PATH",
  EACCES: "it is not a file that this user may execute",
  ELOOP: "its symbolic links lead in a circle",
  ...NO_DESCRIPTORS,
  EAGAIN: "this user has as many processes as it may; raise the limit with ulimit -u",
  E2BIG: "its parameters and its environment are too long; make them shorter",
  ETXTBSY: "another process has it open for writing; start it once that has closed it",
});

async function pourInto(child: ChildProcess, { number, secret, file }: Parcel): Promise<void> {
  if (file !== null) return;
  // There is none when the command did not start.
  const socket = child.stdio?.[number] as Writable | null | undefined;
  if (socket) await pour(secret, socket);
  else secret.destroy();
}

/** Each number as the command is to have it. What is left out here closes when it is started. */
function stdioFor({ parcels, callers }: Start): StdioOptions {
  const ends = new Map<number, number | "pipe">();
  for (const { number, closes } of callers) if (closes) ends.set(number, number);
  for (const parcel of parcels) ends.set(parcel.number, endOf(parcel));
  const length = Math.max(2, ...ends.keys()) + 1;
  const rest = Array.from({ length: length - 3 }, (_, index) => ends.get(index + 3) ?? "ignore");
  return ["inherit", "inherit", "inherit", ...rest];
}

function statusOf(child: ChildProcess, file: string, title: string): Promise<number> {
  return new Promise((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      resolve(refuse(file, error.code ?? error.message, title));
    });
    child.once("exit", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
