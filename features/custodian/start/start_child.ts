import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { errorCode, optional } from "../../../core/arguments/own.ts";
import { refuseRedirection } from "../../../system/redirection.ts";
import { descriptorShortage } from "../../../system/spare_descriptors.ts";
import type { Channel } from "../channel/channel.ts";
import { netChannel } from "../channel/net_channel.ts";
import type { CustodianEnd } from "../client/custodian_options.ts";
import type { CustodianCommand } from "./command.ts";
import { endMarked } from "./end_marked.ts";
import { custodianEnvironment } from "./environment.ts";
import { LastWords } from "./last_words.ts";
import { type Mark, newMark } from "./mark.ts";
import { notExecuted } from "./start_error.ts";

/** A custodian's process. */
export interface ChildHandle {
  readonly pid: number;
  readonly channel: Channel;
  /** Told by the exit event alone: `child.killed` is true as soon as a signal was sent. */
  readonly ended: Promise<CustodianEnd>;
  readonly lastWords: LastWords;
  /** SIGTERM: it wipes what it holds, and ends. For a process that ends itself, and cannot wait. */
  dismiss(): void;
  /** SIGKILL: for one that does not end by itself. */
  kill(): void;
  /** The same to everything that this start has left: for one that never was a custodian. */
  killAll(): void;
  /** Whether it keeps this process from ending by itself. */
  hold(holds: boolean): void;
}

/** What the start of a custodian takes beside its command. */
export interface ChildSettings {
  /** Becomes descriptor 4. */
  readonly input: number | undefined;
  readonly libraryPath: string | undefined;
  /** Whether it shares standard input, which prompts read. Default: true. */
  readonly sharesInput?: boolean;
  readVariable(name: string): string | undefined;
}

/**
 * Starts the program with the channel as descriptor 3. Its last parameter is the mark of this start, with
 * this process's id, so that it notices a parent that has ended by then.
 *
 * Standard input is shared, for prompts that read it. Standard output goes nowhere. Standard error comes
 * here, so that an error can quote it and nothing of it is shown. The current folder is the root: no
 * folder that others write to tells a runtime what to load.
 *
 * @throws {LetheError} `ERR_LETHE_CUSTODIAN` with the system's code when the file cannot be executed
 */
export async function startChild(
  command: CustodianCommand,
  { input, libraryPath, readVariable, sharesInput = true }: ChildSettings,
): Promise<ChildHandle> {
  const { file, parameters } = command;
  const environment = optional(command, "environment");
  const mark = newMark();
  const child = await executed(file, [...parameters, mark.parameter], {
    stdio: [
      sharesInput ? "inherit" : "ignore",
      "ignore",
      "pipe",
      "pipe",
      ...(input === undefined ? [] : [input]),
    ],
    env: custodianEnvironment(mark, environment, readVariable, libraryPath),
    cwd: "/",
  });
  return handleOf(child, mark);
}

/** @throws {LetheError} `ERR_LETHE_CUSTODIAN` with the system's code when the file cannot be executed */
export async function executed(
  file: string,
  parameters: readonly string[],
  options: SpawnOptions,
): Promise<ChildProcess> {
  refuseRedirection();
  const shortage = descriptorShortage(ROOM);
  if (shortage !== null) throw notExecuted(file, shortage);
  let child: ChildProcess;
  try {
    child = spawn(file, parameters, options);
  } catch (error) {
    throw notExecuted(file, codeOf(error));
  }
  if (child.pid !== undefined) return child;
  throw notExecuted(
    file,
    await new Promise((resolve) => child.once("error", (error) => resolve(codeOf(error)))),
  );
}

/** Both ends of two pipes, those of a third over which the child reports that it cannot execute the file, and one of Node.js. */
const ROOM = 7;

function codeOf(error: unknown): string | undefined {
  return errorCode(error) ?? (error instanceof Error ? error.name : undefined);
}

function handleOf(child: ChildProcess, mark: Mark): ChildHandle {
  const pid = child.pid as number;
  let root: number | null = pid;
  const ended = new Promise<CustodianEnd>((resolve) => {
    const end = (code: number | null, signal: string | null): void => {
      root = null; // from here on another process may have its number
      resolve({ code, signal });
    };
    child.once("exit", end);
    child.once("error", () => end(null, null));
  });
  return {
    pid,
    channel: netChannel(child.stdio[3] as Socket),
    ended,
    lastWords: new LastWords(child.stderr as Readable),
    dismiss() {
      try {
        child.kill("SIGTERM");
      } catch {
        // Not permitted: it notices by itself that its application has ended.
      }
    },
    kill: () => void child.kill("SIGKILL"),
    killAll() {
      endMarked(mark, root);
      child.kill("SIGKILL");
    },
    hold: (holds) => (holds ? child.ref() : child.unref()),
  };
}
