import { checkInteger } from "../../core/arguments/check_integer.ts";
import { reasonOf, type SignalLike, throwIfAborted } from "../../core/arguments/foreign.ts";
import { bare } from "../../core/arguments/own.ts";
import { checkLive } from "../../core/check_live.ts";
import { monotonicNow } from "../../core/globals.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { pause } from "../../system/timers.ts";
import type { ByteSource } from "../prompt/terminal.ts";
import type { Land, ReadContext } from "./source.ts";
import { type SourceErrorCode, sourceError } from "./source_error.ts";

/** Ends a read with an error that names the source and the reference. */
export type Fail = (code: SourceErrorCode, reason: string) => never;

/** The {@link Fail} of a read. */
export function failing(source: string, reference: string): Fail {
  return (code, reason) => {
    throw sourceError(code, source, reference, reason);
  };
}

/** How much may be read, and how long that may take. */
export interface BoundOptions {
  /** The most bytes of an answer: an integer from 1 to 2^24. A longer one is an error. Default: 65,536. */
  readonly maxBytes?: number;
  /**
   * The most milliseconds until the answer is whole, and a program that gives it has ended: from 1 to 2^31 - 1.
   * Default: 30,000.
   */
  readonly timeout?: number;
}

/** The options with their defaults. */
export type Bounds = Required<BoundOptions>;

/** Names of the options. */
export const BOUND_OPTIONS = ["maxBytes", "timeout"] as const;

/** @throws {TypeError | RangeError} */
export function checkBounds(given: Readonly<Partial<BoundOptions>>, verb: string): Bounds {
  const { maxBytes = 65_536, timeout = 30_000 } = bare(given);
  checkInteger(maxBytes, verb, "maxBytes", 1, 2 ** 24);
  checkInteger(timeout, verb, "timeout", 1, 2 ** 31 - 1);
  return { maxBytes, timeout };
}

/** An answer in secret memory: the first `length` bytes of a secret, which is the reader's to destroy. */
export interface Answer {
  readonly secret: SecretBuffer;
  readonly length: number;
}

/**
 * Reads a pipe, a socket or a file from where it stands to its end, byte by byte straight into secret memory.
 * The event loop keeps running.
 *
 * @throws {LetheError} `ERR_LETHE_SOURCE_TOO_LONG`, `ERR_LETHE_SOURCE_TIMEOUT`; `ERR_LETHE_DESTROYED` when the secrets were purged
 * @throws the reason of the signal
 */
export async function readToEnd(
  source: Pick<ByteSource, "read">,
  { land, signal, holds }: ReadContext,
  { maxBytes, timeout }: Bounds,
  fail: Fail,
): Promise<Answer> {
  const end = monotonicNow() + timeout;
  let room = land(Math.min(FIRST, maxBytes + 1), () => undefined);
  let length = 0;
  try {
    for (;;) {
      throwIfAborted(signal);
      checkLive(room, "read secret");
      const turn = room.modify((page) => fill(source, page, length));
      length = turn.length;
      if (turn.outcome === "end") return { secret: room, length };
      if (length > maxBytes) {
        fail(
          "ERR_LETHE_SOURCE_TOO_LONG",
          `it has more than ${maxBytes} bytes, and none was kept; raise maxBytes if that is right`,
        );
      }
      if (turn.outcome === "full") room = grown(land, room, Math.min(2 * length, maxBytes + 1));
      if (monotonicNow() >= end) {
        fail(
          "ERR_LETHE_SOURCE_TIMEOUT",
          `it was not whole after ${timeout} ms; find out why, or raise timeout`,
        );
      }
      await pauseOr(turn.outcome === "nothing" ? POLL_INTERVAL : 0, signal, holds);
    }
  } catch (error) {
    room.destroy();
    throw error;
  }
}

interface Turn {
  readonly length: number;
  readonly outcome: "end" | "nothing" | "full" | "more";
}

/** What is there now, and no more than an event loop can wait for. */
function fill(source: Pick<ByteSource, "read">, page: Uint8Array<ArrayBuffer>, from: number): Turn {
  const most = Math.min(page.length, from + BYTES_PER_TURN);
  for (let length = from; length < most; length++) {
    const outcome = source.read(page, length);
    if (outcome !== "byte") return { length, outcome };
  }
  return { length: most, outcome: most === page.length ? "full" : "more" };
}

/** A larger secret that begins with the bytes of `room`, which is destroyed. */
function grown(land: Land, room: SecretBuffer, byteLength: number): SecretBuffer {
  const larger = room.expose((bytes) => land(byteLength, (page) => page.set(bytes)));
  room.destroy();
  return larger;
}

/** @throws the reason of the signal, as soon as it is aborted */
async function pauseOr(
  milliseconds: number,
  signal: SignalLike | undefined,
  holds: boolean | undefined,
): Promise<void> {
  if (signal === undefined) return await pause(milliseconds, holds);
  throwIfAborted(signal);
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => reject(reasonOf(signal));
    signal.addEventListener("abort", abort);
    void pause(milliseconds, holds).then(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
  });
}

const FIRST = 4096;
const BYTES_PER_TURN = 4096;
/** In milliseconds. */
const POLL_INTERVAL = 5;
