import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  readvSync,
  type Stats,
} from "node:fs";
import { errorCode } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { isPermitted } from "../../system/permitted.ts";
import { readText } from "../../system/read_text.ts";
import { unreadable } from "./prompt_errors.ts";
import type { ByteSource, ReadOutcome } from "./terminal.ts";
import { beforeEnd } from "./ways_out.ts";

/**
 * Bytes of a descriptor, through `node:fs`. A file never makes its reader wait; a pipe is opened once
 * more, without waiting. On a socket, and a pipe that cannot be opened again (without `/proc`, or without
 * a free descriptor), O_NONBLOCK is set, also for whoever shares it, and taken away afterwards.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when it cannot be read, or not without waiting
 */
export function openSource(
  descriptor: number,
  unblock: ((descriptor: number) => () => void) | null,
): ByteSource {
  const refuse = (code: string): never => {
    throw unreadable(descriptor, code, true);
  };
  const read: ByteSource["read"] = (bytes, offset) => readByte(descriptor, bytes, offset, refuse);
  const kind = kindOf(descriptor);
  checkReadable(descriptor, kind);
  if (!kind.isFIFO() && !kind.isSocket()) return { read, close: () => undefined };
  const reopened = reopen(descriptor);
  if (typeof reopened === "number") {
    return {
      read: (bytes, offset) => readByte(reopened, bytes, offset, refuse),
      close: () => closeSync(reopened),
    };
  }
  if (isNonBlocking(descriptor) === true) return { read, close: () => undefined };
  if (unblock === null) throw wouldWait(descriptor, reopened);
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

function kindOf(descriptor: number): Stats {
  try {
    return fstatSync(descriptor);
  } catch (error) {
    throw unreadable(descriptor, codeOf(error), false);
  }
}

function checkReadable(descriptor: number, kind: Stats): void {
  if (kind.isDirectory()) throw unreadable(descriptor, "EISDIR", true);
  try {
    readvSync(descriptor, [new Uint8Array(0)]); // asks for nothing: it does not wait
  } catch (error) {
    const code = codeOf(error);
    if (!RETRIED.includes(code)) throw unreadable(descriptor, code, true);
  }
}

/** The new descriptor, or why there is none. */
function reopen(descriptor: number): number | string {
  const path = `/dev/fd/${descriptor}`;
  if (!isPermitted({ name: "read", path })) return "not permitted";
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    return codeOf(error); // ENXIO: a socket. ENOENT: no /proc. EMFILE: too many are open
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
  refused: (code: string) => ReadOutcome,
): ReadOutcome {
  try {
    return readSync(descriptor, bytes, offset, 1, null) === 0 ? "end" : "byte";
  } catch (error) {
    const code = codeOf(error);
    if (RETRIED.includes(code)) return "nothing";
    return code === "EOF" ? "end" : refused(code); // EOF: a pipe of Windows
  }
}

function codeOf(error: unknown): string {
  return errorCode(error) ?? "refused";
}

const RETRIED: readonly string[] = ["EAGAIN", "EINTR"];

function wouldWait(descriptor: number, reason: string): LetheError {
  return new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot prompt for secret: descriptor ${descriptor} cannot be read without waiting for its other end, because it cannot be opened once more (${reason}); use a file, or on Deno --allow-ffi`,
  );
}
