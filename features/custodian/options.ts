import { isAbsolute } from "node:path";
import { outOfRange, wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions } from "../../core/arguments/options.ts";
import type { Secrets } from "../../core/mod.ts";

/** How to open a {@link Custodian}. */
export interface CustodianOptions {
  /** Where secrets land that leave the custodian. Default: the strongest memory of this runtime. */
  readonly secrets?: Secrets;
  /**
   * `"require"`: without a key in OpenSSL's secure heap there is no custodian, but an error.
   * `"prefer"` (the default): there is one, and its report says that the key is in guarded memory.
   */
  readonly secureHeap?: "require" | "prefer";
  /** Size of the secure heap: a power of two from 0 (none) to 2^30. Default: 32,768. Node only. */
  readonly secureHeapBytes?: number;
  /**
   * How long the key of the vault stays derived, in closed guarded memory, after its last use: 0 (it is
   * derived again in each turn of the custodian's event loop) to 86,400,000. Default: 1000.
   */
  readonly relockMilliseconds?: number;
  /** A pipe or file, open here, that prompts may read (`from: "input"`). On Deno not 3 or 4. */
  readonly input?: number;
  /** How long `close()` waits before it kills, 1 to 2^31 - 1. Default: 5000. */
  readonly closeMilliseconds?: number;
  /** How long the start may take, 1 to 2^31 - 1. Default: 30,000. */
  readonly startMilliseconds?: number;
  /**
   * The runtime that runs the custodian, as the whole path of a file. Default: the one that runs this
   * program. For a compiled program, which is none. It must be the same kind: Node.js, Deno or Bun.
   */
  readonly runtime?: string;
  /**
   * The custodian's program, as the whole path of a file: what `lethe/custodian-program` is, as it is or
   * bundled. Default: the one beside this module. For a bundle, which does not bring it along.
   */
  readonly program?: string;
  /**
   * Folders in which the dynamic loader looks for the libraries of the runtime, as in `LD_LIBRARY_PATH`,
   * which the custodian does not get otherwise. Anyone who can write to them runs code in the custodian.
   */
  readonly libraryPath?: string;
}

/** The options, checked, each there by itself. */
export interface CheckedOptions extends Required<Omit<CustodianOptions, Optional>> {
  readonly secrets: Secrets | undefined;
  readonly input: number | undefined;
  readonly runtime: string | undefined;
  readonly program: string | undefined;
  readonly libraryPath: string | undefined;
}

type Optional = "secrets" | "input" | "runtime" | "program" | "libraryPath";

const KEYS = [
  "secrets",
  "secureHeap",
  "secureHeapBytes",
  "relockMilliseconds",
  "input",
  "closeMilliseconds",
  "startMilliseconds",
  "runtime",
  "program",
  "libraryPath",
] as const;

/** @throws {TypeError | RangeError} naming the option that is wrong */
export function checkOptions(
  options: CustodianOptions | undefined,
  leastInput: number,
): CheckedOptions {
  const verb = "open custodian";
  const {
    secrets,
    secureHeap = "prefer",
    secureHeapBytes = 32_768,
    relockMilliseconds = 1000,
    input,
    closeMilliseconds = 5000,
    startMilliseconds = 30_000,
    runtime,
    program,
    libraryPath,
  } = readOptions(options, verb, KEYS);
  if (secureHeap !== "require" && secureHeap !== "prefer") {
    throw wrongType(`Cannot ${verb} as secureHeap must be "require" or "prefer"`);
  }
  checkInteger(secureHeapBytes, verb, "secureHeapBytes", 0, 2 ** 30);
  if (secureHeapBytes > 0 && !Number.isInteger(Math.log2(secureHeapBytes))) {
    throw outOfRange(`Cannot ${verb} as secureHeapBytes must be a power of two, or 0`);
  }
  checkInteger(relockMilliseconds, verb, "relockMilliseconds", 0, 86_400_000);
  checkInteger(closeMilliseconds, verb, "closeMilliseconds", 1, 2 ** 31 - 1);
  checkInteger(startMilliseconds, verb, "startMilliseconds", 1, 2 ** 31 - 1);
  if (input !== undefined) checkInteger(input, verb, "input", leastInput, 2 ** 31 - 1);
  return {
    secrets,
    secureHeap,
    secureHeapBytes,
    relockMilliseconds,
    input,
    closeMilliseconds,
    startMilliseconds,
    runtime: checkPath(runtime, verb, "runtime"),
    program: checkPath(program, verb, "program"),
    libraryPath: checkLibraryPath(libraryPath, verb),
  };
}

/** The custodian's current folder is another one, so that a path has to be whole. */
function checkPath(value: unknown, verb: string, parameter: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") {
    throw wrongKind(`Cannot ${verb} as ${parameter} must be a string`, value);
  }
  if (isAbsolute(value) && !value.includes("\0")) return value;
  throw outOfRange(`Cannot ${verb} as ${parameter} must be a whole path, which begins at the root`);
}

function checkLibraryPath(value: unknown, verb: string): string | undefined {
  if (typeof value === "string") {
    for (const folder of value.split(":")) checkPath(folder, verb, "each folder of libraryPath");
  }
  return value === undefined ? undefined : checkPath(value, verb, "libraryPath");
}
