import { LetheError, type SecretBuffer } from "../../core/mod.ts";
import { whyNoText } from "../../features/prompt/mod.ts";

/**
 * The one line of a token's file, without the newline that an editor puts behind it; `content` is
 * destroyed.
 *
 * @throws {LetheError} `ERR_LETHE_ENCODING` when it is empty, more than one line, or no text that could be
 * typed again: a byte order mark, an invisible character
 */
export function tokenLine(content: SecretBuffer, path: string): SecretBuffer {
  try {
    const length = content.expose(lengthOfLine);
    const fault = content.expose((bytes) =>
      length === 0
        ? "is empty"
        : bytes.subarray(0, length).includes(LINE_FEED)
          ? "has more than one line; a file whose bytes are meant as they are goes with --key"
          : whyNoText(bytes, length, false),
    );
    if (fault === null) return content.slice(0, length);
    throw new LetheError(
      "ERR_LETHE_ENCODING",
      `Cannot hand over the token of ${JSON.stringify(path)}: the file ${fault}`,
    );
  } finally {
    content.destroy();
  }
}

/** Without LF, or CR LF, at the end. */
export function lengthOfLine(bytes: Uint8Array): number {
  const end = bytes.at(-1) === LINE_FEED ? bytes.length - 1 : bytes.length;
  return end < bytes.length && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
