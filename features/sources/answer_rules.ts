import {
  type Answer,
  BOUND_OPTIONS,
  type BoundOptions,
  type Bounds,
  checkBounds,
  type Fail,
} from "./answer.ts";
import { makeRecord, ONLY_FIELD, type SecretRecord } from "./record.ts";
import type { Land } from "./source.ts";
import {
  checkTrimming,
  TRIMMING_OPTIONS,
  type Trimming,
  type TrimmingOptions,
  trimmed,
} from "./trimming.ts";

/** What an answer may be, and what is taken off it: the options with their defaults. */
export interface AnswerRules {
  readonly trimming: Trimming;
  readonly bounds: Bounds;
}

/** Names of the options. */
export const ANSWER_OPTIONS: readonly [...typeof BOUND_OPTIONS, ...typeof TRIMMING_OPTIONS] = [
  ...BOUND_OPTIONS,
  ...TRIMMING_OPTIONS,
];

/** @throws {TypeError | RangeError} */
export function checkAnswer(
  own: Readonly<Partial<TrimmingOptions & BoundOptions>>,
  verb: string,
): AnswerRules {
  return { trimming: checkTrimming(own, verb), bounds: checkBounds(own, verb) };
}

/** What an answer becomes a record by. */
interface RecordContext extends Pick<AnswerRules, "trimming"> {
  readonly land: Land;
  readonly fail: Fail;
}

/**
 * The record of an answer that can be read once, or is another one each time; the answer is destroyed. No other
 * read gives this version.
 *
 * @throws {LetheError} `ERR_LETHE_SOURCE_FORMAT`, `ERR_LETHE_SOURCE_EMPTY`
 */
export function onlyRecord(
  { secret, length }: Answer,
  { trimming, land, fail }: RecordContext,
): SecretRecord {
  try {
    const value = trimmed(land, secret, length, trimming, fail);
    reads += 1;
    return makeRecord({ version: `read ${reads}`, fields: [[ONLY_FIELD, value]] });
  } finally {
    secret.destroy();
  }
}

let reads = 0;
