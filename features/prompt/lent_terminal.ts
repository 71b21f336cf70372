import { process } from "../../system/node_builtins.ts";
import { afterIdly, type Later } from "../../system/timers.ts";
import type { HeldReaders } from "./readers.ts";
import { reportUnrestored } from "./report_unrestored.ts";
import type { Terminals } from "./terminal.ts";
import { takeTurn } from "./turns.ts";
import { beforeEnd } from "./ways_out.ts";

/** What the process that lends its terminal asks of the other one. */
export interface Borrower {
  /** Ends its prompt: something here began to read what it would have to read. */
  withdraw(): void;
  /** Ends it: this process ends as well, and puts the terminal back itself. */
  dismiss(): void;
}

/**
 * The terminal while another process prompts on it, a child of this one.
 *
 * What reads the terminal here is held off as long. The settings are noted before the prompt opens: a
 * child that is killed restores nothing itself. They are put back by `restore`, and before this process
 * ends while a prompt is open: behind a signal that ends the child, which must not set them once more when
 * it is late to notice. SIGKILL of both processes leaves them as they are.
 */
export class LentTerminal {
  readonly #open: () => Terminals | null;
  #restore: (() => void) | null = null;

  /** @param open the terminals of this runtime, or null for a child that asks on none */
  constructor(open: () => Terminals | null) {
    this.#open = open;
  }

  /**
   * Runs a prompt of the other process when no other prompt is open.
   *
   * @throws {LetheError} `ERR_LETHE_PROMPT_BUSY` then, and when something reads it before
   */
  lend<T>(prompt: () => Promise<T>, borrower: Borrower): Promise<T> {
    return takeTurn(async () => {
      const terminals = this.#open();
      const restore = terminals?.remember() ?? null;
      if (terminals === null || restore === null) {
        terminals?.readers.checkInput(); // without a terminal it reads a line of that
        return await prompt();
      }
      const held = await terminals.readers.hold();
      let failure: unknown;
      const fail = (error: unknown): void => {
        failure = error;
        borrower.withdraw();
      };
      const stop = this.#watch(held, restore, fail, () => borrower.dismiss());
      try {
        return await prompt();
      } catch (error) {
        throw failure ?? error;
      } finally {
        stop();
        held.release(false);
      }
    });
  }

  /** Runs a prompt of the other process that reads standard input, which this one shares. */
  lendInput<T>(prompt: () => Promise<T>): Promise<T> {
    return takeTurn(async () => {
      this.#open()?.readers.checkInput();
      return await prompt();
    });
  }

  /** Sets the terminal as it was, if a prompt is open: when the other process has ended. */
  restore(isEnding: boolean = false): void {
    try {
      this.#restore?.();
    } catch (error) {
      reportUnrestored(error, isEnding ? (text) => void process.stderr.write(text) : null);
    }
  }

  #watch(
    held: HeldReaders,
    restore: () => void,
    fail: (error: unknown) => void,
    dismiss: () => void,
  ): () => void {
    this.#restore = restore;
    const remove = beforeEnd(() => {
      dismiss();
      this.restore(true);
    });
    let looking: Later;
    const look = (): void => {
      looking = afterIdly(look, LOOK_INTERVAL);
      try {
        held.keep();
      } catch (error) {
        looking.stop();
        fail(error);
      }
    };
    look();
    return () => {
      this.#restore = null;
      looking.stop();
      remove();
    };
  }
}

/** In milliseconds. */
const LOOK_INTERVAL = 20;
