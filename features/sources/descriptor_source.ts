import { isatty } from "node:tty";
import { wrongType } from "../../core/arguments/argument_error.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { LetheError } from "../../core/mod.ts";
import type { ByteSource, Terminals } from "../prompt/terminal.ts";
import { type BoundOptions, type Fail, failing, readToEnd } from "./answer.ts";
import { ANSWER_OPTIONS, type AnswerRules, checkAnswer, onlyRecord } from "./answer_rules.ts";
import type { SecretRecord } from "./record.ts";
import { contextOf, type ReadContext, type SecretSource } from "./source.ts";
import type { TrimmingOptions } from "./trimming.ts";

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
  readonly #rules: AnswerRules;

  constructor(terminals: () => Terminals, options: DescriptorSourceOptions | undefined) {
    this.#terminals = terminals;
    this.#rules = checkAnswer(readOptions(options, VERB, ANSWER_OPTIONS), VERB);
  }

  async read(reference: string, given: ReadContext): Promise<SecretRecord> {
    const context = contextOf(given);
    const descriptor = numberOf(reference);
    const fail = failing(this.name, reference);
    let source: ByteSource | undefined;
    try {
      source = this.#open(descriptor, fail);
      const { trimming, bounds } = this.#rules;
      const answer = await readToEnd(source, context, bounds, fail);
      return onlyRecord(answer, { trimming, land: context.land, fail });
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

function numberOf(reference: unknown): number {
  if (reference === "-") return 0;
  if (typeof reference === "string" && /^(?:0|[1-9]\d{0,6})$/.test(reference)) {
    return Number(reference);
  }
  throw wrongType(
    'Cannot read secret from descriptor as the reference must be its number, or "-" for standard input',
  );
}
