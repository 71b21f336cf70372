import { type DenoNamespace, findDeno } from "../../../system/deno.ts";
import { isPermitted } from "../../../system/permitted.ts";
import { atTurnsEnd, soon } from "../../../system/timers.ts";
import {
  endBy,
  exitAsBy,
  isHandledByApplication,
  removeGuests,
  SignalWatch,
} from "./signal_watch.ts";

/** The part of Deno's own insides that lists what is open. It may be gone in another version. */
interface Insides {
  readonly core?: { resources?(): Readonly<Record<string, string>> };
}

/**
 * Listens through Deno's own API: what counts the listeners of `process` never sees it.
 *
 * Deno calls listeners in the order in which they came, and applications have theirs in two places: on
 * `process`, where they can be seen, and in `Deno.addSignalListener`, where they cannot. So each copy of
 * Lethe stands back first. Only if then nobody is left who listens, which the list of Deno's open
 * resources tells, the signal has no other handler. Where that list cannot be had, it has none.
 */
export class DenoWatch extends SignalWatch {
  readonly #listener = (): void => this.#hear();
  #listening = false;

  override otherComes(): void {
    // It does not see this one.
  }

  protected override listen(): void {
    if (!this.wanted || this.#listening) return;
    this.#listening = true;
    findDeno()?.addSignalListener(this.signal, this.#listener);
  }

  protected override standBack(): void {
    if (!this.#listening) return;
    this.#listening = false;
    findDeno()?.removeSignalListener(this.signal, this.#listener);
  }

  #hear(): void {
    if (this.handled) {
      this.tell(false);
      return;
    }
    removeGuests(this.signal);
    const before = countListened();
    this.standBack();
    atTurnsEnd(() => {
      const handled = this.handled || (before > 0 && countListened() === before);
      this.tell(!handled);
      if (handled) this.listen();
      else soon(() => this.#end());
    });
  }

  #end(): void {
    if (isHandledByApplication(this.signal)) {
      this.listen();
      return;
    }
    // Else Deno would ask on the terminal whether it may.
    const allowed = isPermitted({ name: "run" });
    if (allowed) endBy(this.signal);
    else exitAsBy(this.signal);
  }
}

/** How many signals of this thread somebody listens to. 0: it cannot be told. */
function countListened(): number {
  try {
    const namespace = findDeno() as unknown as Record<symbol, Insides> & DenoNamespace;
    const { core } = namespace[namespace.internal ?? Symbol()] ?? {};
    return Object.values(core?.resources?.() ?? {}).filter((name) => name === "signal").length;
  } catch {
    return 0;
  }
}
