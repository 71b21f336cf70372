import process from "node:process";
import { offHeapBytes } from "../../core/mod.ts";

/** The most that is taken: the scanner's own bound, and twice that for hex. */
const MOST_BYTES = 32_768;

const ENTER = [10, 13];
const END_OF_INPUT = 4; // Ctrl-D
const INTERRUPT = 3; // Ctrl-C
const BACKSPACES = [8, 127];
const KILL_LINE = 21; // Ctrl-U

/** Thrown when Ctrl-C ends the prompt; the terminal is restored by then. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/**
 * Reads one line from standard input into bytes that are wiped by the caller. On a terminal it asks
 * for it and echoes nothing. No string is made of it; each chunk is wiped once it is copied.
 *
 * @throws {RangeError} when it is empty or longer than 32 KiB
 * @throws {Interrupted} on Ctrl-C
 */
export async function readNeedle(prompt: string): Promise<Uint8Array<ArrayBuffer>> {
  const { stdin, stderr } = process;
  const line = new Line();
  if (stdin.isTTY) {
    stderr.write(prompt);
    stdin.setRawMode(true);
  }
  try {
    for await (const chunk of stdin as AsyncIterable<Buffer>) {
      const done = line.feed(chunk, stdin.isTTY);
      chunk.fill(0);
      if (done) break;
    }
    return line.take();
  } catch (error) {
    line.wipe();
    throw error;
  } finally {
    if (stdin.isTTY) {
      stdin.setRawMode(false);
      stderr.write("\n");
    }
  }
}

/** A line of bytes as it is typed. */
export class Line {
  readonly #bytes = offHeapBytes(MOST_BYTES);
  #length = 0;

  /** @returns whether the line has ended */
  feed(chunk: Uint8Array, typed: boolean): boolean {
    for (const byte of chunk) {
      if (ENTER.includes(byte)) return true;
      if (!typed) this.#append(byte);
      else if (byte === END_OF_INPUT) return true;
      else if (byte === INTERRUPT) throw new Interrupted("Cannot scan: interrupted");
      else if (byte === KILL_LINE) this.wipe();
      else if (BACKSPACES.includes(byte)) this.#erase();
      else this.#append(byte);
    }
    return false;
  }

  /** The line as bytes of its own; what was read is wiped. */
  take(): Uint8Array<ArrayBuffer> {
    if (this.#length === 0) throw new RangeError("Cannot scan for nothing: the needle is empty");
    const needle = offHeapBytes(this.#length);
    needle.set(this.#bytes.subarray(0, this.#length));
    this.wipe();
    return needle;
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#length = 0;
  }

  #append(byte: number): void {
    if (this.#length === MOST_BYTES) {
      throw new RangeError(`Cannot scan as the needle is longer than ${MOST_BYTES} bytes`);
    }
    this.#bytes[this.#length++] = byte;
  }

  /** Takes back one character: the continuation bytes of UTF-8 and the byte that leads them. */
  #erase(): void {
    while (this.#length > 0) {
      const last = this.#bytes[--this.#length] as number;
      this.#bytes[this.#length] = 0;
      if ((last & 0xc0) !== 0x80) return;
    }
  }
}
