import type nodeProcess from "node:process";
import type nodeUtil from "node:util";
import { optional, optionalGlobal } from "../core/arguments/own.ts";

/**
 * What is used of `node:process` and `node:util`, without importing them. An import into an ES module
 * reads every property of theirs, those of the standard streams among them: Node then sets O_NONBLOCK on
 * pipes that it shares with other processes, and opens a terminal once more. A library that is imported
 * leaves standard input and output as they are.
 *
 * `getBuiltinModule` gives them too where a test runner has replaced the global ones. Node before 22.3
 * does not have it, and there they are the global ones.
 */
interface WithBuiltins {
  getBuiltinModule?(name: string): unknown;
}

const here = optionalGlobal("process") as (typeof nodeProcess & WithBuiltins) | undefined;

function builtin<T>(name: string): T | undefined {
  return here === undefined
    ? undefined
    : (optional(here, "getBuiltinModule")?.call(here, name) as T | undefined);
}

export const process: typeof nodeProcess = builtin("node:process") ?? (here as typeof nodeProcess);

type Used = Pick<typeof nodeUtil, "TextDecoder" | "TextEncoder"> &
  Partial<Pick<typeof nodeUtil, "getCallSites">>;
const util: Used = builtin<Used>("node:util") ?? (globalThis as unknown as Used);
export const TextEncoder: typeof nodeUtil.TextEncoder = util.TextEncoder;
export const TextDecoder: typeof nodeUtil.TextDecoder = util.TextDecoder;
/** Node before 22.12 has none, and there it is undefined. */
export const callSites: typeof nodeUtil.getCallSites | undefined = optional(util, "getCallSites");
