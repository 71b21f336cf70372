import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { findSystemProgram } from "../../system/system_program.ts";
import { ProcessTarget } from "./process_target.ts";
import type { Target, TargetProgram } from "./target.ts";

/**
 * A target that is started by a command line.
 *
 * @param command the executable and its arguments; {@link selfCommand} makes one for the runtime
 * that runs the suite
 * @returns a program that is started when the suite asks for it; this never throws
 *
 * @example
 * ```ts
 * import { programTarget, selfCommand } from "lethe/conformance";
 *
 * export const target = programTarget(selfCommand(new URL("./target.ts", import.meta.url)));
 * ```
 */
export function programTarget(command: readonly string[]): TargetProgram {
  return {
    async start({ core = false } = {}): Promise<Target> {
      // Core files are written to the working directory.
      const directory = await mkdtemp(join(tmpdir(), "lethe-target-"));
      const [file = "", ...parameters] = limited(command, core ? "unlimited" : "0");
      const child = spawn(file, parameters, { cwd: directory, stdio: ["pipe", "pipe", "pipe"] });
      const target = new ProcessTarget(child, directory, () =>
        rm(directory, { recursive: true, force: true }),
      );
      await target.greet();
      return target;
    },
  };
}

/** With a limit for core files, which the system's shell sets; as it is where there is none. */
function limited(command: readonly string[], limit: string): readonly string[] {
  const { path } = findSystemProgram("sh");
  if (path === null) return command;
  return [path, "-c", `ulimit -c ${limit} 2>/dev/null; exec "$@"`, "sh", ...command];
}

/**
 * The command that runs `script` on the runtime that runs this, with collections that can be forced.
 *
 * @param script the target program, as `new URL("./target.ts", import.meta.url)`
 * @returns the executable and its arguments; it never throws
 *
 * @example
 * ```ts
 * import { selfCommand } from "lethe/conformance";
 *
 * console.log(selfCommand(new URL("./target.ts", import.meta.url), "heap").at(-1)); // "heap"
 * ```
 */
export function selfCommand(
  script: { readonly href: string },
  ...parameters: readonly string[]
): readonly string[] {
  const { Deno, Bun } = globalThis as { Deno?: { execPath(): string }; Bun?: unknown };
  if (Deno !== undefined) {
    return [Deno.execPath(), "run", "-A", "--v8-flags=--expose-gc", script.href, ...parameters];
  }
  const flags = Bun === undefined ? NODE_FLAGS : [];
  return [process.execPath, ...flags, fileURLToPath(script.href), ...parameters];
}

/** Node reads types by WebAssembly, whose memory would reserve 10 GB, and gcore write them out. */
const NODE_FLAGS = ["--expose-gc", "--disable-wasm-trap-handler", "--wasm-max-mem-pages=4096"];
