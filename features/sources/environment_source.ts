import { wrongType } from "../../core/arguments/argument_error.ts";
import { throwIfAborted } from "../../core/arguments/foreign.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { isPermitted } from "../../system/permitted.ts";
import { failing } from "./answer.ts";
import { onlyRecord } from "./answer_rules.ts";
import type { ProcessVariables } from "./process_variables.ts";
import type { SecretRecord } from "./record.ts";
import { contextOf, type ReadContext, type SecretSource } from "./source.ts";
import {
  checkTrimming,
  TRIMMING_OPTIONS,
  type Trimming,
  type TrimmingOptions,
} from "./trimming.ts";

/** How variables are read. */
export interface EnvironmentSourceOptions extends TrimmingOptions {}

/**
 * A source of environment variables: the reference is the name. A variable is taken once: it is read from the
 * memory in which the kernel put it, overwritten there with zeros, and deleted, so that neither this process, nor
 * what it starts, nor `/proc/PID/environ` shows it afterwards.
 *
 * It cannot take back what others have seen before: the parent, a shell's history, a crash report, whatever read
 * the environment of this process until then. See `residue`.
 */
export class EnvironmentSource implements SecretSource {
  readonly name = "environment";
  readonly #open: () => ProcessVariables;
  readonly #trimming: Trimming;
  #variables: ProcessVariables | undefined;

  constructor(open: () => ProcessVariables, options: EnvironmentSourceOptions | undefined) {
    const own = readOptions(options, "open environment source", TRIMMING_OPTIONS);
    this.#open = open;
    this.#trimming = checkTrimming(own, "open environment source");
  }

  get residue(): readonly string[] {
    return this.#opened().residue;
  }

  async read(name: string, context: ReadContext): Promise<SecretRecord> {
    const { land, signal } = contextOf(context);
    if (typeof name !== "string" || !/^[^=\0]{1,1000}$/.test(name)) {
      throw wrongType(
        "Cannot read secret from environment as the reference must be the name of a variable",
      );
    }
    throwIfAborted(signal);
    const fail = failing(this.name, name);
    if (!isPermitted({ name: "env", variable: name })) {
      fail("ERR_LETHE_SOURCE_DENIED", `Deno does not allow it; grant --allow-env=${name}`);
    }
    const whole = this.#opened().take(name, land);
    if (whole === null) {
      return fail(
        "ERR_LETHE_SOURCE_MISSING",
        "there is no such variable, or it was taken before; set it where this process is started",
      );
    }
    if (whole === "empty") return fail("ERR_LETHE_SOURCE_EMPTY", "it is empty; set it to a value");
    const answer = { secret: whole, length: whole.byteLength };
    return onlyRecord(answer, { trimming: this.#trimming, land, fail });
  }

  #opened(): ProcessVariables {
    this.#variables ??= this.#open();
    return this.#variables;
  }
}
