import { wrongKind } from "./arguments/argument_error.ts";
import type { CryptoEngine, EngineProvider } from "./contract/engine.ts";
import { enginesOf, type Runtime } from "./contract/runtime.ts";

/** The option `engine`, the same wherever there is one. */
export interface EngineOption {
  /**
   * The library that computes. `"auto"` (the default) takes the first of this runtime that loads and has
   * all the operations that are needed; a name takes that one or fails; an object is an engine:
   * `await openLibsodiumEngine()` of `lethe/libsodium`, `nobleEngine()` of `lethe/noble`, or your own. It is
   * loaded when something is first computed.
   */
  readonly engine?: CryptoEngine | "auto" | (string & {});
}

/** What was chosen, before anything is loaded. A program that computes nothing loads no more than this. */
export interface EngineChoice {
  readonly runtime: string;
  readonly providers: readonly EngineProvider[];
  readonly wanted: CryptoEngine | string;
}

/** @throws {TypeError} when `wanted` is neither a name nor an engine; `verb` is in its text */
export function chooseEngine(
  runtime: Pick<Runtime, "name" | "engines">,
  wanted: unknown,
  verb: string,
): EngineChoice {
  return {
    runtime: runtime.name,
    providers: enginesOf(runtime),
    wanted: checkEngine(wanted, verb),
  };
}

/** @throws {TypeError} for anything but a name or an engine */
export function checkEngine(wanted: unknown, verb: string): CryptoEngine | string {
  if (typeof wanted === "string") return wanted;
  const engine = wanted as CryptoEngine | null;
  if (typeof engine?.name === "string" && typeof engine.operations?.has === "function") {
    return engine;
  }
  throw wrongKind(`Cannot ${verb} as engine must be a name or a CryptoEngine`, wanted);
}
