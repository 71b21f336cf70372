import { beforeDefaultAction, onEnding, type Signal } from "../shutdown/mod.ts";

/** Notes how the terminal is set, and gives a function that sets it so again; null without one. */
export type Remember = () => (() => void) | null;

const ENDING: readonly Signal[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

/**
 * The terminal while another process prompts on it: one that is killed restores nothing itself.
 *
 * The settings are noted before the first prompt opens. They are put back by `restore`, and before
 * this process ends while a prompt is open. SIGKILL of both processes leaves them as they are.
 */
export class LentTerminal {
  readonly #remember: Remember;
  #restore: (() => void) | null = null;
  #removers: readonly (() => void)[] = [];
  #open = 0;

  constructor(remember: Remember) {
    this.#remember = remember;
  }

  /** Runs a prompt of the other process; several may wait for each other there. */
  async lend<T>(prompt: () => Promise<T>): Promise<T> {
    if (this.#open === 0) this.#begin();
    this.#open += 1;
    try {
      return await prompt();
    } finally {
      this.#open -= 1;
      if (this.#open === 0) this.#end();
    }
  }

  /** Sets the terminal as it was, if a prompt is open: when the other process has ended. */
  restore(): void {
    this.#restore?.();
  }

  #begin(): void {
    this.#restore = this.#remember();
    if (this.#restore === null) return;
    this.#removers = [
      ...ENDING.map((signal) => beforeDefaultAction(signal, (ends) => ends && this.restore())),
      onEnding(() => this.restore()),
    ];
  }

  #end(): void {
    this.#restore = null;
    for (const remove of this.#removers) remove();
  }
}
