import { statSync } from "node:fs";
import {
  checkStream,
  HeldMode,
  type HeldReaders,
  type Readers,
  readAhead,
  unholdable,
} from "../../features/prompt/mod.ts";
import { process } from "../../system/node_builtins.ts";
import { pause } from "../../system/timers.ts";
import { isTerminal, targetOf, Watched } from "./watched.ts";

/**
 * Readers on Bun. Its streams have no handle to hold: `process.stdin` is paused while it flows, which
 * takes a turn of the event loop, and whatever the kernel shows as waiting then is an error.
 */
export const bunReaders: Readers = {
  async hold() {
    const held = new HeldBunReaders();
    try {
      for (let turn = 0; held.isAwaited(); turn++) {
        if (turn === TURNS) throw elsewhere();
        await pause(TURN);
      }
      held.holdMode();
      return held;
    } catch (error) {
      held.release(false);
      throw error;
    }
  },
  checkInput() {
    checkStream(process.stdin);
    const own = targetOf(0);
    const isOwn = (target: string): boolean => target === own;
    if (new Watched(inodeOf("/dev/fd/0")).has(isOwn)) throw readAhead();
  },
};

class HeldBunReaders implements HeldReaders {
  readonly #stream: NodeJS.ReadStream | null = process.stdin.isTTY ? process.stdin : null;
  readonly #watched = new Watched(
    ["/dev/tty", "/dev/fd/0", "/dev/fd/1", "/dev/fd/2"].flatMap(inodeOf),
  );
  #wasFlowing = false;
  #mode: HeldMode | null = null;
  #awaitedTurns = 0;

  constructor() {
    this.#pause();
  }

  /** Whether the event loop waits for bytes of a terminal. */
  isAwaited(): boolean {
    return this.#watched.has(isTerminal);
  }

  keep(): void {
    this.#pause();
    this.#awaitedTurns = this.isAwaited() ? this.#awaitedTurns + 1 : 0;
    if (this.#awaitedTurns > PAUSED_TURNS) throw elsewhere();
  }

  holdMode(): void {
    if (this.#stream !== null) this.#mode = new HeldMode(this.#stream);
  }

  release(isEnding: boolean): void {
    this.#mode?.release(isEnding);
    if (this.#wasFlowing) this.#stream?.resume();
  }

  #pause(): void {
    if (this.#stream?.readableFlowing !== true) return;
    this.#wasFlowing = true;
    this.#stream.pause();
  }
}

function elsewhere(): Error {
  return unholdable(
    'a listener for "readable", an iterator of process.stdin or of console, a stream of Bun.stdin or a tty.ReadStream',
  );
}

function inodeOf(path: string): readonly number[] {
  try {
    return [statSync(path).ino];
  } catch {
    return []; // there is none, or it is closed
  }
}

/** In milliseconds, and how many of them a paused stream gets. */
const TURN = 5;
const TURNS = 20;
/** Looks at the terminal that a stream gets which began to flow during the prompt. */
const PAUSED_TURNS = 2;
