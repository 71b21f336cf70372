import { type ChildProcess, spawn } from "node:child_process";
import { bare, errorCode } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/mod.ts";
import { process } from "../../system/node_builtins.ts";
import {
  type ProgramInput,
  type ProgramOutput,
  type ProgramPipes,
  pathOfProgram,
  usualEnvironment,
} from "../programs/mod.ts";
import type { Peer, PeerFault } from "./dialogue.ts";

/** A plugin that was started. Its pipes fail as a plugin does. */
export interface RunningPlugin extends Peer {
  /** Ends it, with what it started. */
  end(): void;
}

/**
 * Where the program of a plugin is: the path that was given, or that of its name among the programs of the system. Never
 * PATH, which a folder of the project may stand at the beginning of.
 *
 * @throws {LetheError} `ERR_LETHE_WRAPPER` when there is none, or somebody else could change it
 */
export function pluginPath(name: string, given: string | undefined): string {
  return pathOfProgram(`age-plugin-${name}`, given, (reason) => failed(name, reason));
}

/** @throws {LetheError} `ERR_LETHE_WRAPPER` */
export async function startPlugin(
  openPipes: () => ProgramPipes,
  name: string,
  path: string,
  machine: "recipient-v1" | "identity-v1",
): Promise<RunningPlugin> {
  const opened: (ProgramInput | ProgramOutput)[] = [];
  try {
    const pipes = openPipes();
    const output = pipes.openOutput();
    opened.push(output);
    const input = pipes.openInput();
    opened.push(input);
    const options = {
      stdio: [input.stdio, output.stdio, "ignore"] as const,
      env: bare(usualEnvironment(FOLDERS)),
      cwd: "/",
      shell: false,
      detached: true, // a group that is ended whole
    };
    const words = [`--age-plugin=${machine}`];
    const child = spawn(path, words, bare(options) as never) as ChildProcess;
    if (child.pid === undefined) throw await failureOf(child);
    child.on("error", () => undefined); // its output ends, and that is what is said
    input.started(child);
    output.started(child);
    return running(name, child, input, output);
  } catch (error) {
    for (const pipe of opened) pipe.close();
    if (error instanceof LetheError) throw ofPlugin(name, error);
    throw failed(name, `it did not start (${errorCode(error) ?? "refused"}); run it by hand`);
  }
}

/** Why a program did not start, which is said a turn later. */
function failureOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    child.once("error", resolve);
  });
}

function running(
  name: string,
  child: ChildProcess,
  input: ProgramInput,
  output: ProgramOutput,
): RunningPlugin {
  let isOver = false;
  child.once("exit", () => {
    isOver = true;
  });
  return {
    read(bytes) {
      const outcome = asPlugin(name, () => output.read(bytes, 0));
      return outcome === "byte" ? 1 : outcome;
    },
    write: (bytes) => asPlugin(name, () => input.write(bytes)),
    failed: (fault) => failed(name, FAULTS[fault]),
    end() {
      input.close();
      output.close();
      // A number whose group is gone may be another's by now.
      if (child.pid === undefined || isOver) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
    },
  };
}

const FOLDERS = "/usr/bin:/bin:/usr/sbin:/sbin";

function asPlugin<T>(name: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw error instanceof LetheError ? ofPlugin(name, error) : error;
  }
}

/** What a pipe says, as an error of the plugin: another identity may then do. */
function ofPlugin(name: string, { message }: LetheError): LetheError {
  return failed(name, message.replace(/^Cannot [^:]*: /, ""));
}

/** What a plugin does wrong, and what its user can do. */
export const FAULTS: Readonly<Record<PeerFault, string>> = {
  malformed: "it sent something that is not a stanza; update it",
  large: "it says too much at once; update it",
  endless: "it does not come to an end; update it",
  ended: "it ended early; run age with it by hand to see why",
  late: "it did not answer in time; touch its token, or raise timeout",
};

/** A plugin that fails. `reason` ends with what the caller can do. */
export function failed(name: string, reason: string): LetheError {
  return new LetheError("ERR_LETHE_WRAPPER", `Cannot use age-plugin-${name}: ${reason}`);
}
