import { LetheError } from "../../core/mod.ts";
import {
  killGroup,
  notStarted,
  type PipedProgram,
  type ProgramPipes,
  pathOfProgram,
  startPiped,
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
  try {
    return running(name, await startPiped(openPipes, path, [`--age-plugin=${machine}`]));
  } catch (error) {
    if (error instanceof LetheError) throw ofPlugin(name, error);
    throw failed(name, notStarted(error));
  }
}

function running(name: string, { child, input, output }: PipedProgram): RunningPlugin {
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
      if (child.pid !== undefined && !isOver && !killGroup(child)) child.kill("SIGKILL");
    },
  };
}

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
