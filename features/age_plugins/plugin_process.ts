import { type ChildProcess, spawn } from "node:child_process";
import { bare, errorCode } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/mod.ts";
import { process } from "../../system/node_builtins.ts";
import { isPermitted } from "../../system/permitted.ts";
import { findSystemProgram, programFlaw } from "../../system/system_program.ts";
import type { OpenProgramPipe, ProgramPipe } from "../sources/mod.ts";
import type { OpenPluginInput, PluginInput } from "./plugin_input.ts";

/** What a runtime binds. */
export interface PluginPorts {
  /** Its output, from the kernel into secret memory. */
  pipes(): OpenProgramPipe;
  /** Its input, from secret memory to the kernel. */
  inputs(): OpenPluginInput;
}

/** A plugin that was started. */
export interface RunningPlugin {
  readonly input: PluginInput;
  readonly output: ProgramPipe;
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
  if (given === undefined) {
    const found = findSystemProgram(`age-plugin-${name}`);
    if (found.path !== null) return found.path;
    throw failed(name, `${found.reason}; install it, or pass its absolute path as program`);
  }
  const flaw = programFlaw(given, userHere());
  if (flaw?.isAbsent) throw failed(name, "there is no such program; correct the path");
  if (flaw !== null)
    throw failed(name, `${flaw.reason}; give the path of one that only they change`);
  if (isPermitted({ name: "run", command: given })) return given;
  throw failed(name, `Deno does not allow it; grant --allow-run=${given}`);
}

/** @throws {LetheError} `ERR_LETHE_WRAPPER`, `ERR_LETHE_UNAVAILABLE` */
export function startPlugin(
  ports: PluginPorts,
  name: string,
  path: string,
  machine: "recipient-v1" | "identity-v1",
): RunningPlugin {
  const output = ports.pipes()();
  let input: PluginInput | undefined;
  try {
    input = ports.inputs()();
    const options = {
      stdio: [input.stdio, output.stdio, "ignore"] as const,
      env: bare(environment()),
      cwd: "/",
      shell: false,
      detached: true, // a group that is ended whole
    };
    const words = [`--age-plugin=${machine}`];
    const child = spawn(path, words, bare(options) as never) as ChildProcess;
    child.on("error", () => undefined); // its output ends, and that is what is said
    input.started(child);
    output.started(child);
    return running(child, input, output);
  } catch (error) {
    input?.close();
    output.close();
    if (error instanceof LetheError) throw error;
    throw failed(name, `it did not start (${errorCode(error) ?? "refused"})`);
  }
}

function running(child: ChildProcess, input: PluginInput, output: ProgramPipe): RunningPlugin {
  let isOver = false;
  child.once("exit", () => {
    isOver = true;
  });
  return {
    input,
    output,
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

/** Where Deno does not tell, only root's programs are started. */
function userHere(): number {
  return isPermitted({ name: "sys", kind: "uid" }) ? (process.geteuid?.() ?? 0) : 0;
}

/** What a plugin needs to find its device, its agent and its user; nothing of the program's own. */
function environment(): Readonly<Record<string, string | undefined>> {
  const found = USUAL.flatMap((name) => {
    // On Deno a variable takes a permission.
    if (!isPermitted({ name: "env", variable: name })) return [];
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  // Node copies this one from process.env unless it is there, with any value.
  return { NODE_V8_COVERAGE: undefined, PATH: FOLDERS, ...Object.fromEntries(found) };
}

const USUAL = ["HOME", "USER", "LOGNAME", "LANG", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];
const FOLDERS = "/usr/bin:/bin:/usr/sbin:/sbin";

export function failed(name: string, reason: string): LetheError {
  return new LetheError("ERR_LETHE_WRAPPER", `Cannot use age-plugin-${name}: ${reason}`);
}
