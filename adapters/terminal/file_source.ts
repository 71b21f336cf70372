import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { LetheError } from "../../core/errors.ts";
import { errorCode } from "../../core/own.ts";
import { isPermitted } from "../permitted.ts";
import { readText } from "../read_text.ts";
import type { ByteSource, ReadOutcome } from "./terminal.ts";
import { beforeEnd } from "./ways_out.ts";

/**
 * Bytes of a descriptor, through `node:fs`. A file never makes its reader wait; a pipe is opened once
 * more, without waiting. A socket cannot be opened again: O_NONBLOCK is set on it, also for whoever
 * shares it, and taken away afterwards.
 */
export function openSource(
  descriptor: number,
  unblock: ((descriptor: number) => () => void) | null,
): ByteSource {
  const read: ByteSource["read"] = (bytes, offset) => readByte(descriptor, bytes, offset);
  const kind = fstatSync(descriptor);
  if (!kind.isFIFO() && !kind.isSocket()) return { read, close: () => undefined };
  const reopened = reopen(descriptor);
  if (reopened !== null) {
    return {
      read: (bytes, offset) => readByte(reopened, bytes, offset),
      close: () => closeSync(reopened),
    };
  }
  if (isNonBlocking(descriptor) === true) return { read, close: () => undefined };
  if (unblock === null) throw wouldWait(descriptor);
  return { read, close: untilEnding(unblock(descriptor)) };
}

/** @returns `restore`, to be called once; the end of the process calls it too */
function untilEnding(restore: () => void): () => void {
  const remove = beforeEnd(restore);
  return () => {
    remove();
    restore();
  };
}

function reopen(descriptor: number): number | null {
  const path = `/dev/fd/${descriptor}`;
  if (!isPermitted({ name: "read", path })) return null;
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return null; // a socket, or a permission of the runtime
  }
}

/** Whether the flag O_NONBLOCK is set, as `/proc/self/fdinfo` has it; null where that is not known. */
export function isNonBlocking(descriptor: number): boolean | null {
  try {
    const [, flags] =
      /^flags:\s+([0-7]+)$/m.exec(readText(`/proc/self/fdinfo/${descriptor}`)) ?? [];
    if (flags === undefined) return null;
    return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) !== 0;
  } catch {
    return null;
  }
}

/** Reads one byte from a descriptor that does not block, straight into `bytes`. */
export function readByte(
  descriptor: number,
  bytes: Uint8Array<ArrayBuffer>,
  offset: number,
): ReadOutcome {
  try {
    return readSync(descriptor, bytes, offset, 1, null) === 0 ? "end" : "byte";
  } catch (error) {
    const code = errorCode(error);
    if (code === "EAGAIN" || code === "EINTR") return "nothing";
    return "end"; // EIO: the terminal hung up
  }
}

function wouldWait(descriptor: number): LetheError {
  return new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot prompt for secret: descriptor ${descriptor} cannot be read without waiting for its other end; use a file, or on Deno --allow-ffi`,
  );
}
