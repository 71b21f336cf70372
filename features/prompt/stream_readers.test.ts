import { existsSync, openSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import { afterEach, describe, expect, it } from "vitest";
import { streamReaders } from "./stream_readers.ts";

const PTMX = "/dev/ptmx";

/** A stream of a terminal that is typed to: the end of it that opens here hears the echo. */
class Typed {
  readonly stream: ReadStream;
  readonly #descriptor: number;
  heard = "";

  constructor() {
    this.#descriptor = openSync(PTMX, "r+");
    this.stream = new ReadStream(this.#descriptor);
  }

  listen(): this {
    this.stream.on("data", (bytes) => {
      this.heard += bytes.toString();
    });
    return this;
  }

  /** Types, and waits for as long as an echo takes, and longer. */
  async type(text: string): Promise<void> {
    writeSync(this.#descriptor, text);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

const opened: Typed[] = [];
const open = (): Typed => {
  const one = new Typed();
  opened.push(one);
  return one;
};
/** One that reads now: what listens begins a tick later. */
async function openReading(): Promise<Typed> {
  const one = open().listen();
  await one.type("0");
  await expect.poll(() => one.heard, { interval: 5 }).toBe("0");
  one.heard = "";
  return one;
}
afterEach(() => {
  for (const { stream } of opened.splice(0)) stream.destroy();
});

const readers = streamReaders(() => false);
const MISSING = existsSync(PTMX) ? "" : ` (skipped: there is no ${PTMX})`;

describe.skipIf(MISSING !== "")(`a terminal that is held${MISSING}`, () => {
  it("READER-1: is read by no stream, also by none that begins to", async () => {
    const [before, idle] = [await openReading(), open()];
    const held = await readers.hold();
    await before.type("b");
    const during = open().listen();
    held.keep();
    await during.type("c");
    await idle.listen().type("d");
    expect([before.heard, during.heard, idle.heard]).toEqual(["", "", ""]);
    held.release(false);
  });

  it("READER-2: is left to each stream as it was, with what was asked of it since", async () => {
    const [reading, paused, raw] = [await openReading(), await openReading(), await openReading()];
    const idle = open();
    paused.stream.pause();
    raw.stream.setRawMode(true);
    const held = await readers.hold();
    expect(raw.stream.isRaw).toBe(false);
    reading.stream.setRawMode(true);
    expect(reading.stream.isRaw).toBe(false);
    held.release(false);
    expect([reading, paused, raw].map(({ stream }) => stream.isRaw)).toEqual([true, false, true]);
    for (const { stream } of [reading, raw]) stream.setRawMode(false); // a raw terminal has no echo
    for (const one of [reading, paused, raw, idle]) await one.type("a");
    expect(idle.stream.readableLength).toBe(0);
    expect([reading.heard, paused.heard, raw.heard]).toEqual(["a", "", "a"]);
    paused.stream.resume();
    await paused.type("b");
    expect(paused.heard).toBe("ab");
  });

  it("READER-3: is an error where a stream cannot be held, and the others read on", async () => {
    const [before, stubborn] = [await openReading(), await openReading()];
    const handle = (stubborn.stream as unknown as { _handle: object })._handle;
    Object.defineProperty(handle, "readStop", { value: undefined, configurable: true });
    await expect(readers.hold()).rejects.toMatchObject({ code: "ERR_LETHE_PROMPT_BUSY" });
    Reflect.deleteProperty(handle, "readStop");
    await before.type("a");
    expect(before.heard).toBe("a");
  });
});
