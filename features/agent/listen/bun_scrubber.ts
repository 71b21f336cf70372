import { closeSync, writeSync } from "node:fs";
import { bare } from "../../../core/arguments/own.ts";
import { LetheError } from "../../../core/mod.ts";
import type { Ffi } from "../../../system/ffi.ts";
import { openLibrary } from "../../../system/libc.ts";
import type { BunHandlers, BunHost, BunSocket } from "./bun_types.ts";

const SIGNATURES = {
  socketpair: { parameters: ["i32", "i32", "i32", "bytes"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "bytes", "i32"], result: "i32" },
} as const;

const [AF_UNIX, SOCK_STREAM, SOCK_CLOEXEC, SOCK_NONBLOCK] = [1, 1, 0o2000000, 0o4000];
const [SOL_SOCKET, SO_SNDBUF] = [1, 7];
/** More than the system gives, so that it gives the most: what a client has too. */
const LARGE = 1 << 20;
/** What Bun reads at a time. */
const MOST = 524_288;

/**
 * Overwrites the buffer into which Bun reads every socket of a thread: zeros that this process sends to
 * itself come to lie where the longest piece lay that came since.
 */
export class BunScrubber {
  readonly #own: number;
  #reader: BunSocket | undefined;
  #longest = 0;
  #awaited = 0;
  #arrived: () => void = () => undefined;
  #turn: Promise<void> = Promise.resolve();
  #isOver = false;

  private constructor(own: number) {
    this.#own = own;
  }

  /** @throws {LetheError} `ERR_LETHE_AGENT` */
  static async open(Bun: BunHost, ffi: Ffi): Promise<BunScrubber> {
    const { socketpair, setsockopt } = openLibrary(ffi, SIGNATURES);
    const pair = new Uint8Array(new ArrayBuffer(8));
    const kind = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    if (socketpair(AF_UNIX, kind, 0, pair) !== 0) {
      throw new LetheError(
        "ERR_LETHE_AGENT",
        "Cannot open agent: the system gave no pair of sockets; raise the limit of open files with ulimit -n",
      );
    }
    const [own, other] = new Int32Array(pair.buffer) as unknown as [number, number];
    const size = new Uint8Array(new ArrayBuffer(4));
    new DataView(size.buffer).setInt32(0, LARGE, true);
    setsockopt(own, SOL_SOCKET, SO_SNDBUF, size, 4); // less room is enough for what fits into it
    const scrubber = new BunScrubber(own);
    const over = (): void => {
      scrubber.#isOver = true;
      scrubber.#arrived();
    };
    const socket: BunHandlers = {
      data: (_, bytes) => scrubber.#came(bytes.length),
      close: over,
      error: over,
    };
    scrubber.#reader = await Bun.connect(bare({ fd: other, socket: bare(socket) }));
    return scrubber;
  }

  /** A piece of so many bytes lay in Bun's buffer. */
  note(byteLength: number): void {
    this.#longest = Math.max(this.#longest, byteLength);
  }

  /** Resolves when zeros lie over all that was noted. */
  scrub(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#scrub());
    return this.#turn;
  }

  /** After all that is to be overwritten was: a later write would go to whatever has the descriptor then. */
  async close(): Promise<void> {
    await this.scrub();
    this.#isOver = true;
    this.#reader?.terminate();
    closeSync(this.#own);
  }

  async #scrub(): Promise<void> {
    const byteLength = Math.min(this.#longest, MOST);
    this.#longest = 0;
    if (byteLength === 0 || this.#isOver) return;
    await new Promise<void>((resolve) => {
      this.#arrived = resolve;
      // It is written in one piece, and read in one: nothing else is under way on this pair.
      this.#awaited = writeSync(this.#own, new Uint8Array(byteLength));
    });
  }

  #came(byteLength: number): void {
    this.#awaited -= byteLength;
    if (this.#awaited <= 0) this.#arrived();
  }
}
