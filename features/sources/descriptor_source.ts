import { isatty } from "node:tty";
import { wrongType } from "../../core/arguments/argument_error.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { LetheError } from "../../core/mod.ts";
import type { ByteSource, Terminals } from "../prompt/terminal.ts";
import {
  BOUND_OPTIONS,
  type BoundOptions,
  type Bounds,
  checkBounds,
  type Fail,
  failing,
  readToEnd,
} from "./answer.ts";
import { makeRecord, ONLY_FIELD, type SecretRecord } from "./record.ts";
import type { ReadContext, SecretSource } from "./source.ts";
import {
  checkTrimming,
  TRIMMING_OPTIONS,
  type Trimming,
  type TrimmingOptions,
  trimmed,
} from "./trimming.ts";

/** How a descriptor is read. */
export interface DescriptorSourceOptions extends TrimmingOptions, BoundOptions {}

/**
 * A source of descriptors that this process was started with: the reference is the number, or `-` for standard
 * input. A pipe or a socket is read to its end, so that there is something once.
 */
export class DescriptorSource implements SecretSource {
  readonly name = "descriptor";
  readonly residue: readonly string[] = Object.freeze([]);
  readonly #terminals: () => Terminals;
  readonly #trimming: Trimming;
  readonly #bounds: Bounds;

  constructor(terminals: () => Terminals, options: DescriptorSourceOptions | undefined) {
    const own = readOptions(options, VERB, [...BOUND_OPTIONS, ...TRIMMING_OPTIONS]);
    this.#terminals = terminals;
    this.#trimming = checkTrimming(own, VERB);
    this.#bounds = checkBounds(own, VERB);
  }

  async read(reference: string, context: ReadContext): Promise<SecretRecord> {
    const descriptor = numberOf(reference);
    const fail = failing(this.name, reference);
    let source: ByteSource | undefined;
    try {
      source = this.#open(descriptor, fail);
      const { secret, length } = await readToEnd(source, context, this.#bounds, fail);
      try {
        const value = trimmed(context.land, secret, length, this.#trimming, fail);
        reads += 1;
        return makeRecord({ version: `read ${reads}`, fields: [[ONLY_FIELD, value]] });
      } finally {
        secret.destroy();
      }
    } catch (error) {
      throw asInputError(error, fail);
    } finally {
      source?.close();
    }
  }

  #open(descriptor: number, fail: Fail): ByteSource {
    if (isatty(descriptor)) {
      fail(
        "ERR_LETHE_SOURCE_UNAVAILABLE",
        "it is a terminal, which would show what is typed; ask with promptSecret(), or hand over a pipe or a file",
      );
    }
    const terminals = this.#terminals();
    if (descriptor === 0) terminals.readers.checkInput();
    return terminals.openSource(descriptor);
  }
}

const VERB = "open descriptor source";
const PROMPT = /^Cannot prompt for secret: /;

/** What the prompt's readers say of a descriptor, as a source says it; any other error as it is. */
function asInputError(error: unknown, fail: Fail): unknown {
  if (!(error instanceof LetheError) || !PROMPT.test(error.message)) return error;
  const isMissing = error.message.includes("(EBADF)");
  try {
    return fail(
      isMissing ? "ERR_LETHE_SOURCE_MISSING" : "ERR_LETHE_SOURCE_UNAVAILABLE",
      error.message.replace(PROMPT, ""),
    );
  } catch (said) {
    return said;
  }
}
let reads = 0;

function numberOf(reference: unknown): number {
  if (reference === "-") return 0;
  if (typeof reference === "string" && /^(?:0|[1-9]\d{0,6})$/.test(reference)) {
    return Number(reference);
  }
  throw wrongType(
    'Cannot read secret from descriptor as the reference must be its number, or "-" for standard input',
  );
}
