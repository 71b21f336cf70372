import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import process from "node:process";
import type { Channel } from "../channel/channel.ts";
import { netChannel } from "../channel/net_channel.ts";
import { ended } from "./calls.ts";
import type { CustodianEnd } from "./custodian.ts";

/** How a runtime starts the program of a custodian. */
export interface CustodianCommand {
  readonly file: string;
  readonly parameters: readonly string[];
}

/** A custodian's process. */
export interface ChildHandle {
  readonly pid: number;
  readonly channel: Channel;
  /** Told by the exit event alone: `child.killed` is true as soon as a signal was sent. */
  readonly ended: Promise<CustodianEnd>;
  /** SIGKILL: for one that does not end by itself. */
  kill(): void;
  /** Whether it keeps this process from ending by itself. */
  hold(holds: boolean): void;
}

/** What the child gets of the environment: nothing that changes how a runtime behaves. */
const ENVIRONMENT: readonly string[] = [
  "PATH",
  "HOME",
  "TERM",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "DENO_DIR",
  "SystemRoot",
];

/**
 * Starts the program with the channel as descriptor 3, and with `input`, if given, as descriptor 4.
 * Its last argument is this process's id, so that it notices a parent that ended meanwhile.
 * Standard input and standard error are shared; standard output is not, nothing is written there.
 */
export function startChild(
  { file, parameters }: CustodianCommand,
  input: number | undefined,
): ChildHandle {
  const child: ChildProcess = spawn(file, [...parameters, String(process.pid)], {
    stdio: ["inherit", "ignore", "inherit", "pipe", ...(input === undefined ? [] : [input])],
    env: Object.fromEntries(
      ENVIRONMENT.flatMap((name) => {
        const value = process.env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  });
  const ending = new Promise<CustodianEnd>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  const { pid } = child;
  const channel = child.stdio[3];
  if (pid === undefined || channel === null || channel === undefined) {
    throw ended(`${file} could not be started`);
  }
  return {
    pid,
    channel: netChannel(channel as Socket),
    ended: ending,
    kill: () => void child.kill("SIGKILL"),
    hold: (holds) => (holds ? child.ref() : child.unref()),
  };
}
