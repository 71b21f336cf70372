import { ReadStream } from "node:tty";
import { optional } from "../../core/arguments/own.ts";
import { process } from "../../system/node_builtins.ts";
import { blockedReader } from "./blocked_reader.ts";
import { HeldMode } from "./held_mode.ts";
import {
  type HeldReaders,
  type Readers,
  readAhead,
  unholdable,
  waitsElsewhere,
} from "./readers.ts";

/** What a stream of Node or Deno reads a terminal with. */
interface Handle {
  reading?: boolean;
  readStart?(): number;
  readStop?(): number;
}

type TerminalStream = ReadStream & { readonly _handle?: Handle | null };

/** Undocumented, and there since Node 0.x; Deno has it too. */
interface Process {
  _getActiveHandles?(): readonly unknown[];
}

/** What tells whether a stream reads. No type of Node's: a project may have none of them. */
interface InputStream {
  readonly readableDidRead: boolean;
  readonly readableLength: number;
  readonly readableFlowing: boolean | null;
  listenerCount(event: string): number;
}

/** The streams of prompts themselves, which are never read from. */
export const ownStreams: WeakSet<object> = new WeakSet();

/**
 * Readers on Node and Deno: `process.stdin` and every other `tty.ReadStream`, below their streams. No
 * event tells an application of it: to the stream it is as if nobody typed.
 *
 * @param hasBegun whether `process.stdin` was ever used: to ask for it opens the terminal
 */
export function streamReaders(hasBegun: () => boolean): Readers {
  return {
    hold: async () => new HeldStreamReaders(hasBegun),
    checkInput() {
      if (hasBegun()) checkStream(process.stdin);
      if (blockedReader(0)) throw waitsElsewhere();
    },
  };
}

/** @throws {LetheError} `ERR_LETHE_PROMPT_BUSY` when it reads, or has read */
export function checkStream(stream: InputStream): void {
  const { readableDidRead, readableLength, readableFlowing } = stream;
  const isAsked = readableFlowing === true || stream.listenerCount("readable") > 0;
  const handle = optional(stream as Partial<TerminalStream>, "_handle");
  const isReading = handle != null && optional(handle, "reading") === true;
  if (readableDidRead || readableLength > 0 || isAsked || isReading) throw readAhead();
}

class HeldStreamReaders implements HeldReaders {
  readonly #hasBegun: () => boolean;
  readonly #streams = new Map<TerminalStream, { handle: Handle; mode: HeldMode }>();

  constructor(hasBegun: () => boolean) {
    this.#hasBegun = hasBegun;
    try {
      this.keep();
    } catch (error) {
      this.release(false);
      throw error;
    }
  }

  keep(): void {
    if (this.#hasBegun()) this.#hold(process.stdin);
    for (const handle of optional(process as Process, "_getActiveHandles")?.() ?? [])
      this.#hold(handle);
  }

  release(isEnding: boolean): void {
    for (const [stream, { handle, mode }] of this.#streams) {
      Reflect.deleteProperty(handle, "readStart"); // its own: the method lies on the prototype
      const isClosed = stream._handle !== handle;
      mode.release(isEnding || isClosed);
      if (!isClosed && handle.reading === true) handle.readStart?.();
    }
    this.#streams.clear();
  }

  #hold(stream: unknown): void {
    if (!(stream instanceof ReadStream) || this.#streams.has(stream)) return;
    if (ownStreams.has(stream)) return;
    const handle = (stream as TerminalStream)._handle;
    if (handle === null) return; // it is closed
    if (typeof handle?.readStop !== "function") throw unholdable("a tty.ReadStream");
    handle.readStop();
    handle.readStart = () => 0;
    this.#streams.set(stream, { handle, mode: new HeldMode(stream) });
  }
}
