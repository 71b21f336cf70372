import { wrongType } from "../../core/arguments/argument_error.ts";
import { bare } from "../../core/arguments/own.ts";
import { checkLive } from "../../core/check_live.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { hasAt } from "../../core/sealed_key_mark.ts";
import type { Fail } from "./answer.ts";
import type { Land } from "./source.ts";

/** What is taken off a text, because its writer did not mean it as part of the secret. */
export interface TrimmingOptions {
  /**
   * `"keep"` takes every byte as it is. `"strip"` is for a line of text: it takes one newline off the end, LF
   * or CR LF. Default: `"keep"`.
   */
  readonly newline?: "keep" | "strip";
  /**
   * What becomes of a byte order mark of UTF-8 in front. `"refuse"` is an error, `"strip"` takes it off. Default:
   * `"refuse"` where the newline is stripped, else `"keep"`: bytes that are not text may begin with any.
   */
  readonly byteOrderMark?: "keep" | "refuse" | "strip";
}

/** The options with their defaults. */
export interface Trimming {
  readonly newline: "keep" | "strip";
  readonly byteOrderMark: "keep" | "refuse" | "strip";
}

/** Names of the options. */
export const TRIMMING_OPTIONS = ["newline", "byteOrderMark"] as const;

/** @throws {TypeError} for another word */
export function checkTrimming(given: Readonly<Partial<TrimmingOptions>>, verb: string): Trimming {
  const { newline = "keep", byteOrderMark } = bare(given);
  if (newline !== "keep" && newline !== "strip") {
    throw wrongType(`Cannot ${verb} as newline must be "keep" or "strip"`);
  }
  const mark = byteOrderMark ?? (newline === "strip" ? "refuse" : "keep");
  if (mark !== "keep" && mark !== "refuse" && mark !== "strip") {
    throw wrongType(`Cannot ${verb} as byteOrderMark must be "keep", "refuse" or "strip"`);
  }
  return { newline, byteOrderMark: mark };
}

/**
 * A secret of the bytes that are left of the first `length` of `whole`, which stays.
 *
 * @throws {LetheError} `ERR_LETHE_SOURCE_FORMAT` for a mark that is refused, `ERR_LETHE_SOURCE_EMPTY` when
 * nothing is left
 */
export function trimmed(
  land: Land,
  whole: SecretBuffer,
  length: number,
  { newline, byteOrderMark }: Trimming,
  fail: Fail,
): SecretBuffer {
  checkLive(whole, "read secret");
  return whole.expose((bytes) => {
    const isMarked = byteOrderMark !== "keep" && length >= 3 && hasAt(bytes, 0, MARK);
    if (isMarked && byteOrderMark === "refuse") {
      fail(
        "ERR_LETHE_SOURCE_FORMAT",
        'it begins with a byte order mark, which an editor may have written; take it off, or say byteOrderMark: "strip" or "keep"',
      );
    }
    const start = isMarked ? MARK.length : 0;
    const end = newline === "strip" ? endOfLine(bytes, start, length) : length;
    if (end <= start)
      fail("ERR_LETHE_SOURCE_EMPTY", "it is empty, and a secret cannot be; set it first");
    return land(end - start, (page) =>
      page.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start)),
    );
  });
}

/** Where the text ends without one newline. */
function endOfLine(bytes: Uint8Array, start: number, length: number): number {
  if (length <= start || bytes[length - 1] !== LF) return length;
  return length - 1 > start && bytes[length - 2] === CR ? length - 2 : length - 1;
}

const MARK: readonly number[] = [0xef, 0xbb, 0xbf];
const [LF, CR] = [10, 13];
