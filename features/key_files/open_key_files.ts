import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { optional } from "../../core/arguments/own.ts";
import { enginesOfSecrets } from "../../core/engines.ts";
import { MemorySecrets } from "../../core/memory_secrets.ts";
import { LetheError, type Runtime, type Secrets } from "../../core/mod.ts";
import { secretsUnder } from "../../core/secrets_context.ts";
import { LARGEST_COST, readCost } from "../crypto/argon2_cost.ts";
import { DiskKeyFiles } from "./disk_key_files.ts";
import type { FileCalls, OpenFileCalls } from "./file_calls.ts";
import type { KeyFiles } from "./key_files.ts";
import {
  checkSealingCost,
  type EngineFor,
  type KeyFilesOptions,
  MOST_COST,
  USUAL_COST,
  waitOf,
} from "./options.ts";

/**
 * Opens key files whose keys are secrets of `secrets`, and end with them.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` where the system has no such files
 * @throws {TypeError} for secrets of another copy of Lethe, or an option of the wrong type
 */
export type OpenKeyFiles = (secrets: Secrets, options?: KeyFilesOptions) => KeyFiles;

/** The `openKeyFiles` of a runtime. */
export function keyFilesOpener(runtime: Runtime, openCalls: OpenFileCalls): OpenKeyFiles {
  return function openKeyFiles(secrets: Secrets, options?: KeyFilesOptions): KeyFiles {
    if (!MemorySecrets.is(secrets)) {
      throw wrongKind(
        `Cannot open key files as secrets must come from openSecrets of this Lethe`,
        secrets,
      );
    }
    const own = readOptions(options, "open key files", [
      "onMisuse",
      "cost",
      "mostCost",
      "access",
      "wait",
      "engine",
    ]);
    const { onMisuse = "crash", access = "checked" } = own;
    if (onMisuse !== "throw" && onMisuse !== "crash") {
      throw wrongType('Cannot open key files as onMisuse must be "throw" or "crash"');
    }
    const mostCost =
      own.mostCost === undefined
        ? MOST_COST
        : readCost(own.mostCost, "open key files", "mostCost", LARGEST_COST);
    const cost =
      own.cost === undefined ? usual(mostCost) : checkSealingCost(own.cost, mostCost, "open");
    const calls = openCalls();
    checkAccess(calls, access);
    const strict = secretsUnder(secrets, onMisuse, optional(runtime, "abort"));
    const wait = waitOf(own);
    const engines = enginesOfSecrets(secrets).choosing(own.engine, "open key files");
    const engineFor: EngineFor = (operations) =>
      engines.choose({ verb: "compute for key files", operations, clean: true }).engine;
    return new DiskKeyFiles({ calls, secrets: strict, engineFor, cost, mostCost, wait });
  };
}

/** The usual cost, which is checked again when it is used: `mostCost` may be below it. */
function usual(mostCost: typeof MOST_COST): typeof MOST_COST {
  return mostCost.memoryBytes < USUAL_COST.memoryBytes ? mostCost : USUAL_COST;
}

function checkAccess(calls: FileCalls, wanted: unknown): void {
  if (wanted !== "checked" && wanted !== "not checked") {
    throw wrongType('Cannot open key files as access must be "checked" or "not checked"');
  }
  if (calls.access === "not checked" && wanted === "checked") {
    throw new LetheError(
      "ERR_LETHE_UNAVAILABLE",
      'Cannot open key files: who may read a file is not checked on this system, whose access control lists are not read; pass access: "not checked" if you have restricted the directory yourself',
    );
  }
}
