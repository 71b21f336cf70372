import { process } from "../../../system/node_builtins.ts";
import { atTurnsEnd, soon } from "../../../system/timers.ts";
import { countSignalExit } from "./signal_exit.ts";
import {
  endBy,
  isGuest,
  isHandledByApplication,
  listenersOfApplication,
  markAsGuest,
  raise,
  removeGuests,
  SignalWatch,
} from "./signal_watch.ts";

/**
 * Listens on `process`, on Node and Bun, where listeners run in the order of their list. The guest stands
 * in front of all others.
 *
 * On Node it steps out of the list while they run: what counts listeners to find out whether it is the
 * only one then finds what it would have found without it. As soon as the last of the others is removed, it
 * is back: who ends the process removes its listener first, and raises the signal in the same turn.
 *
 * Bun does not tell when a listener is removed, so that the guest stays, and knows one such library.
 */
export class EmitterWatch extends SignalWatch {
  readonly #guest: () => void = markAsGuest(() => this.#hear());

  override otherComes(): void {
    atTurnsEnd(() => this.#moveToFront());
  }

  override otherLeaves(): void {
    super.otherLeaves();
    if (!isHandledByApplication(this.signal)) this.listen();
  }

  protected override listen(): void {
    if (this.wanted && !process.listeners(this.signal).includes(this.#guest)) {
      process.prependListener(this.signal, this.#guest);
    }
  }

  protected override standBack(): void {
    process.removeListener(this.signal, this.#guest);
  }

  #hear(): void {
    if (!tellsRemovals()) {
      const others = listenersOfApplication(this.signal).length;
      const handled = others > countSignalExit();
      this.tell(!handled);
      if (!handled) soon(() => this.#end());
      return;
    }
    const { handled } = this;
    this.tell(!handled);
    if (!handled) soon(() => this.#end());
    else if (isHandledByApplication(this.signal)) {
      this.standBack();
      soon(() => this.listen());
    }
  }

  /** Past all guests. Other copies have been told by now: they heard the signal in the same turn. */
  #end(): void {
    const others = listenersOfApplication(this.signal).length;
    if (others > (tellsRemovals() ? 0 : countSignalExit())) return;
    removeGuests(this.signal);
    if (others === 0) endBy(this.signal);
    else raise(this.signal); // and now it finds itself alone
  }

  #moveToFront(): void {
    const listeners = process.listeners(this.signal);
    const at = listeners.indexOf(this.#guest);
    if (at < 0 || listeners.slice(0, at).every(isGuest)) return;
    process.prependListener(this.signal, this.#guest);
    // The one that stands last.
    process.removeListener(this.signal, this.#guest);
  }
}

let told: boolean | undefined;

/** Whether `process` emits `removeListener`. Tried with an event that nobody else has. */
function tellsRemovals(): boolean {
  if (told !== undefined) return told;
  told = false;
  const event = Symbol("lethe");
  const hear = (name: unknown): void => {
    told ||= name === event;
  };
  process.on("removeListener", hear);
  process.on(event as unknown as "exit", hear);
  process.removeListener(event as unknown as "exit", hear);
  process.removeListener("removeListener", hear);
  return told;
}
