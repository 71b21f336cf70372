import { startWaiting, type Waiting } from "../key_files/children.ts";
import { RUNTIMES } from "../prompt/pty.ts";
import type { Job } from "./probe.ts";

export const ROOT: string = new URL("../../../", import.meta.url).pathname;
const PROBE = new URL("./probe.ts", import.meta.url).pathname;
const WITHOUT_KOFFI = `${ROOT}testing/adapters/node/without_koffi.cjs`;

/** Runtimes, and Node 26 by its own FFI, which calls functions by their names alone. */
export const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    Object.entries(RUNTIMES).map(([name, [file = "", ...words]]) => [
      name,
      name.startsWith("node") ? [file, "--no-warnings", ...words] : [file, ...words],
    ]),
  ),
  "node-26 by node:ffi": [
    ...[RUNTIMES["node-26"]?.[0] ?? "", "--no-warnings"],
    ...["--require", WITHOUT_KOFFI],
  ],
};

/** What a probe said. */
export interface Said {
  readonly outcome: unknown;
  readonly memory: string;
  readonly live: number;
  /** The process of its module, where that has one of its own. */
  readonly isolatedPid: number;
}

/** Starts a job in a runtime, or by a command, with variables; it waits when it is done. */
export async function startProbe(
  runtime: string | readonly string[],
  env: readonly string[],
  job: Job,
): Promise<Waiting<Said>> {
  const command = typeof runtime === "string" ? (COMMANDS[runtime] ?? []) : runtime;
  return await startWaiting<Said>(["env", ...env, ...command, PROBE, JSON.stringify(job)]);
}

/** Runs a job to its end. */
export async function runProbe(
  runtime: string | readonly string[],
  env: readonly string[],
  job: Job,
): Promise<Said> {
  const target = await startProbe(runtime, env, job);
  await target.stop();
  return target.said;
}
