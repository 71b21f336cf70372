import type { Readable } from "node:stream";
import { TextDecoder } from "../../../system/node_builtins.ts";
import { after, type Later } from "../../../system/timers.ts";

/** More than any runtime writes about one error. */
const MOST_BYTES = 16_384;
const MOST_CHARACTERS = 300;
/** In milliseconds. */
const PATIENCE = 200;

/**
 * What a starting custodian writes to its standard error: for the error about a start that failed, and
 * never shown in between.
 *
 * A custodian has no secret before its start is over. From then on nothing of it is kept: it is read and
 * dropped, so that a custodian which writes never waits.
 */
export class LastWords {
  readonly #stream: Readable;
  readonly #chunks: Uint8Array[] = [];
  readonly #ended: Promise<void>;
  #length = 0;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on("data", this.#take);
    this.#ended = new Promise((resolve) => {
      for (const event of ["end", "close", "error"]) stream.once(event, () => resolve());
    });
    // The channel alone says whether a custodian keeps this process alive.
    (stream as { unref?(): void }).unref?.();
  }

  /** Forgets what came, and whatever comes. */
  drop(): void {
    this.#stream.removeListener("data", this.#take);
    this.#stream.resume();
    this.#chunks.length = 0;
    this.#length = 0;
  }

  /** Waits for the rest of what a process wrote that has ended. Another one may hold its end open. */
  async complete(): Promise<void> {
    let timer: Later | undefined;
    const late = new Promise<void>((resolve) => {
      timer = after(resolve, PATIENCE);
    });
    await Promise.race([this.#ended, late]);
    timer?.stop();
  }

  /** The line that says most: one that names an error, else the last one; null without any. */
  line(): string | null {
    const lines = this.lines();
    return (
      lines.find((line) => line.startsWith(OWN)) ??
      lines.find((line) => ERROR.test(line)) ??
      lines.at(-1) ??
      null
    );
  }

  /** Everything that came, without what acts on a terminal. */
  lines(): readonly string[] {
    return new TextDecoder()
      .decode(Buffer.concat(this.#chunks))
      .split("\n")
      .map((line) => line.replaceAll(/[\p{C}\s]+/gu, " ").trim())
      .filter((line) => line !== "")
      .map((line) => (line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line));
  }

  readonly #take = (chunk: Uint8Array): void => {
    if (this.#length >= MOST_BYTES) return;
    const kept = chunk.slice(0, MOST_BYTES - this.#length);
    this.#chunks.push(kept);
    this.#length += kept.length;
  };
}

/** How the custodian's program begins what it says itself. */
const OWN = "lethe custodian: ";
const ERROR = /^(?:[\w.]+ )?\S*(?:error|panic|fatal)\b|cannot |not found|unrecognized|bad option/i;
