import { bare, errorCode } from "../../../core/arguments/own.ts";
import { LetheError, type SecretBuffer } from "../../../core/mod.ts";
import type { Ffi } from "../../../system/ffi.ts";
import type { Conversation, Line, ListenAt } from "./agent_listener.ts";
import { BunScrubber } from "./bun_scrubber.ts";
import type { BunHandlers, BunHost, BunSocket } from "./bun_types.ts";

/**
 * Listens by `Bun.listen`. Bun reads every socket of a thread into one buffer, and hands out a copy of what came.
 * The copy is wiped here as it is read; the buffer is overwritten as soon as a request with a secret is read,
 * and before it is answered.
 */
export function bunListener(openFfi: () => Ffi): ListenAt {
  return async (path, accept) => {
    const { Bun } = globalThis as unknown as { readonly Bun: BunHost };
    const scrubber = await BunScrubber.open(Bun, openFfi());
    const talks = new Map<BunSocket, Talk>();
    const over = (socket: BunSocket): void => {
      talks.get(socket)?.over();
      talks.delete(socket);
    };
    try {
      const socket: BunHandlers = {
        open(socket) {
          const talk = new Talk(socket, scrubber);
          if (talk.begin(accept)) talks.set(socket, talk);
          else socket.terminate();
        },
        data(socket, bytes) {
          scrubber.note(bytes.length);
          const talk = talks.get(socket);
          if (talk !== undefined) talk.came(bytes);
          else {
            bytes.fill(0);
            void scrubber.scrub();
          }
        },
        drain: (socket) => talks.get(socket)?.flush(),
        end: (socket) => socket.terminate(),
        close: over,
        error: over,
      };
      // Without prototypes, where a planted `port` would be read.
      const server = Bun.listen(bare({ unix: path, socket: bare(socket) }));
      return {
        async close() {
          server.stop(true);
          for (const socket of [...talks.keys()]) {
            over(socket);
            socket.terminate();
          }
          await scrubber.close();
        },
      };
    } catch (error) {
      await scrubber.close();
      const code = errorCode(error) ?? "it failed";
      throw new LetheError("ERR_LETHE_AGENT", `Cannot listen at the agent's path: ${code}`);
    }
  };
}

/** One connection. */
class Talk implements Line {
  readonly descriptor: number | null;
  readonly #socket: BunSocket;
  readonly #scrubber: BunScrubber;
  /** What came and is not read: more requests, sent before the answer to the first. */
  readonly #kept: Kept[] = [];
  #conversation: Conversation | null = null;
  #isReading = true;
  #isOver = false;
  #unsent: Uint8Array = NOTHING;
  #sent: () => void = () => undefined;

  constructor(socket: BunSocket, scrubber: BunScrubber) {
    this.#socket = socket;
    this.#scrubber = scrubber;
    this.descriptor = socket.fd ?? null;
  }

  begin(accept: (line: Line) => Conversation | null): boolean {
    this.#conversation = accept(this);
    return this.#conversation !== null;
  }

  /** What cannot be read yet goes into secret memory: it may wait as long as a person does. */
  came(bytes: Uint8Array): void {
    const at = this.#kept.length === 0 ? this.#feed(bytes, 0) : 0;
    if (at < bytes.length && !this.#isOver) this.#keep(bytes, at);
    bytes.fill(0);
    // Also where a whole request waits for the one before it, which may be as long as a person takes.
    if (!this.#isReading || this.#conversation?.isPartial() === true) void this.forget();
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#unsent = bytes;
      this.#sent = resolve;
      this.flush();
    });
  }

  flush(): void {
    if (this.#unsent.length === 0) return;
    const taken = this.#socket.write(this.#unsent);
    this.#unsent = taken < 0 ? NOTHING : this.#unsent.subarray(taken);
    if (this.#unsent.length === 0) this.#sent();
  }

  forget(): Promise<void> {
    return this.#scrubber.scrub();
  }

  resume(): void {
    this.#isReading = true;
    this.#read();
    if (this.#isReading) this.#socket.resume();
  }

  close(): void {
    this.#isOver = true;
    this.#socket.terminate();
  }

  over(): void {
    this.#isOver = true;
    for (const { secret } of this.#kept.splice(0)) secret.destroy();
    this.#unsent = NOTHING;
    this.#sent();
    this.#conversation?.ended();
  }

  #read(): void {
    for (let kept = this.#kept[0]; this.#isReading && kept !== undefined; kept = this.#kept[0]) {
      const { secret, at } = kept;
      if (secret.state === "destroyed") {
        this.#conversation?.target(); // by a purge, which ends the agent; behind it nothing can be found
        this.#conversation?.ended();
        this.close();
        return;
      }
      kept.at = secret.modify((bytes) => this.#feed(bytes, at));
      if (kept.at < secret.byteLength) return;
      secret.destroy();
      this.#kept.shift();
    }
  }

  /**
   * Moves bytes to where they are wanted, until no more are. One by one: JavaScriptCore keeps a small array inside of the
   * collected heap, and copies it from there, unwiped, as soon as anything asks for its buffer, as `subarray` does.
   *
   * @returns how far it came
   */
  #feed(bytes: Uint8Array, from: number): number {
    let at = from;
    while (this.#isReading && at < bytes.length) {
      const target = this.#conversation?.target() ?? NOTHING;
      const count = Math.min(target.length, bytes.length - at);
      move(bytes, at, target, count);
      at += count;
      if (count > 0 && this.#conversation?.took(count) === true) continue;
      this.#isReading = false;
      this.#socket.pause();
    }
    return at;
  }

  #keep(bytes: Uint8Array, at: number): void {
    const count = bytes.length - at;
    try {
      const secret = (this.#conversation as Conversation).keep(count);
      secret.modify((target) => move(bytes, at, target, count));
      this.#kept.push({ secret, at: 0 });
    } catch {
      this.#conversation?.ended(); // there is no memory for it, and behind it nothing can be found
      this.close();
    }
  }
}

/** Bytes in secret memory, and how far they were read. */
interface Kept {
  readonly secret: SecretBuffer;
  at: number;
}

/** Leaves zeros. */
function move(source: Uint8Array, at: number, target: Uint8Array, count: number): void {
  for (let index = 0; index < count; index++) {
    target[index] = source[at + index] as number;
    source[at + index] = 0;
  }
}

const NOTHING = new Uint8Array(0);
