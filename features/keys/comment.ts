import { wrongType } from "../../core/arguments/argument_error.ts";
import { publicBytes } from "../../core/arguments/check_bytes.ts";

const MOST_BYTES = 1024;

/** Whether a comment may be written: nothing in it ends a line. */
export function isWritableComment(bytes: Uint8Array): boolean {
  return bytes.length <= MOST_BYTES && bytes.every((byte) => byte >= 32 && byte !== 127);
}

/** @returns a view of it */
export function checkComment(comment: Uint8Array | undefined, verb: string): Uint8Array | null {
  if (comment === undefined) return null;
  const bytes = publicBytes(comment, verb, "comment");
  if (isWritableComment(bytes)) return bytes;
  throw wrongType(
    `Cannot ${verb} as comment must be at most ${MOST_BYTES} bytes of UTF-8 without controls`,
  );
}
