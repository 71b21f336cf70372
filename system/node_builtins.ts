import type nodeBuffer from "node:buffer";
import type nodeChildProcess from "node:child_process";
import type nodeFs from "node:fs";
import * as nodeModule from "node:module";
import type nodeProcess from "node:process";
import type nodeTimers from "node:timers";
import type nodeUtil from "node:util";
import { optional, optionalGlobal } from "../core/arguments/own.ts";

/**
 * What is used of `node:process`, `node:util`, `node:fs` and `node:child_process`, without importing them. An
 * import into an ES module reads every property of theirs, those of the standard streams among them: Node
 * then sets O_NONBLOCK on pipes that it shares with other processes, and opens a terminal once more. A library
 * that is imported leaves standard input and output as they are. Of `node:fs` they load what Lethe does not
 * use, which takes longer than all of its own code.
 *
 * `getBuiltinModule` gives them too where a test runner has replaced the global ones. Node before 22.3
 * does not have it, and there they are the global ones.
 */
interface WithBuiltins {
  getBuiltinModule?(name: string): unknown;
}

const here = optionalGlobal("process") as (typeof nodeProcess & WithBuiltins) | undefined;

/** Taken once: a function that is patched later must not choose a module. */
const load = here === undefined ? undefined : optional(here, "getBuiltinModule")?.bind(here);

/** A module of the runtime itself, or undefined where there is no way to it but an import. */
export function builtin<T>(name: string): T | undefined {
  return load?.(name) as T | undefined;
}

/** Node before 22.3 has it by `require` alone. */
function required<T>(name: string): T {
  return builtin<T>(name) ?? (nodeModule.createRequire(process.execPath)(name) as T);
}

export const process: typeof nodeProcess = builtin("node:process") ?? (here as typeof nodeProcess);

type Used = Pick<typeof nodeUtil, "TextDecoder" | "TextEncoder"> &
  Partial<Pick<typeof nodeUtil, "getCallSites">>;
const util: Used = builtin<Used>("node:util") ?? (globalThis as unknown as Used);
export const TextEncoder: typeof nodeUtil.TextEncoder = util.TextEncoder;
export const TextDecoder: typeof nodeUtil.TextDecoder = util.TextDecoder;
/** Node before 22.12 has none, and there it is undefined. */
export const callSites: typeof nodeUtil.getCallSites | undefined = optional(util, "getCallSites");

/** Take what is used of it when a module is loaded: a function that is patched later must not stand in for it. */
export const fs: typeof nodeFs = required<typeof nodeFs>("node:fs");

export const timers: typeof nodeTimers = required<typeof nodeTimers>("node:timers");
export const buffer: typeof nodeBuffer = required<typeof nodeBuffer>("node:buffer");

/**
 * It takes milliseconds to load, and few need it. So what a program has put on it by then is believed: by it the
 * programs of the system are started that help, and none of those is given a secret.
 */
export function childProcess(): typeof nodeChildProcess {
  return required<typeof nodeChildProcess>("node:child_process");
}
