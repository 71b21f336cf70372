import { isatty } from "node:tty";
import { outOfRange } from "../../core/arguments/argument_error.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { carriesMagic, hasAt } from "../../core/sealed_key_mark.ts";
import { readSome } from "../blocking_io.ts";
import type { Entry } from "../entry_here.ts";

/** The most that is taken: the scanner's own bound, and twice that for hex. */
const MOST_BYTES = 32_768;

/**
 * The secret to look for. On a terminal it is asked for as any other, see docs/prompt.md; else it is
 * one line of standard input, read straight into secret memory. No string is made of it.
 *
 * @throws {LetheError} what `promptSecret` raises: `ERR_LETHE_PROMPT_CANCELLED` on Ctrl-C
 * @throws {RangeError} when the line of a pipe or a file is empty, longer than 32 KiB, a sealed key file or
 * begins with a byte order mark
 */
export async function readNeedle(
  { promptSecret }: Pick<Entry, "promptSecret">,
  secrets: Secrets,
  prompt: string,
): Promise<SecretBuffer> {
  return isatty(0)
    ? await promptSecret(secrets, prompt, { maxBytes: MOST_BYTES })
    : readLine(secrets, 0);
}

/** One line of a pipe or a file, as it is: a needle need not be text that can be typed. What follows it may be taken too. */
export function readLine(secrets: Secrets, descriptor: number): SecretBuffer {
  const line = secrets.allocate(MOST_BYTES + 1);
  try {
    const length = line.modify((bytes) => fill(bytes, descriptor));
    if (length === 0) throw outOfRange("Cannot scan for nothing: the needle is empty");
    if (length > MOST_BYTES) {
      throw outOfRange(`Cannot scan as the needle is longer than ${MOST_BYTES} bytes`);
    }
    if (line.expose(carriesMagic)) {
      // No program has those bytes in memory: a scan would find no copy, and say nothing of the key.
      throw outOfRange(
        "Cannot scan for a sealed key file as memory may hold the key in it: give the key itself (lethe run --key k=PATH -- sh -c 'lethe scan PID <&3')",
      );
    }
    if (line.expose((bytes) => hasAt(bytes, 0, BYTE_ORDER_MARK))) {
      // An editor wrote it there; a scan for it and the secret would find no copy of the secret.
      throw outOfRange(
        "Cannot scan as the needle begins with a byte order mark: write the file without one, or give the needle by --encoding hex if these bytes are meant",
      );
    }
    return line.slice(0, length);
  } finally {
    line.destroy();
  }
}

/** @returns the length of the line, or of what fits of it */
function fill(bytes: Uint8Array, descriptor: number): number {
  let length = 0;
  while (length < bytes.length) {
    const count = readSome(descriptor, bytes, length);
    if (count === 0) return length;
    const end = bytes.subarray(length, length + count).findIndex((byte) => ENTER.includes(byte));
    if (end >= 0) return length + end;
    length += count;
  }
  return length;
}

const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];
const ENTER: readonly number[] = [10, 13];
