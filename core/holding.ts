import { LetheError } from "./errors.ts";
import type { Guarantees } from "./guarantees.ts";
import { type Event, isRefusal, next, type State } from "./lifecycle.ts";
import type { Region } from "./memory.ts";
import type { Registry } from "./registry.ts";

/**
 * One region and its state: all that a secret is, apart from the object that the program holds.
 *
 * They are two so that the registry can hold this one strongly (a purge must reach it) while the
 * program's object stays collectable (a drop must be noticed).
 *
 * The order inside each step is the protection: a view is detached before the pages close, a state
 * is entered before the bytes can be read, and `destroyed` is entered only when they are zero.
 */
export class Holding {
  readonly byteLength: number;
  readonly guarantees: Guarantees;
  /** A line with the place of creation, when leaks are tracked. */
  readonly origin: string | undefined;
  readonly #registry: Registry;
  readonly #region: Region;
  #state: State = "guarded";
  #scopes = 0;
  #frozen = false;

  constructor(
    region: Region,
    guarantees: Guarantees,
    registry: Registry,
    origin: string | undefined,
  ) {
    this.byteLength = region.byteLength;
    this.guarantees = guarantees;
    this.origin = origin;
    this.#region = region;
    this.#registry = registry;
    registry.add(this);
  }

  get state(): State {
    return this.#state;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  /** Opens a scope. Each `enter` is followed by one `leave`. When it throws, nothing has changed. */
  enter(event: "expose" | "modify"): Uint8Array<ArrayBuffer> {
    const state = this.#outcome(event);
    const region = this.#region;
    if (this.#scopes === 0) region.protect(event === "expose" ? "read-only" : "read-write");
    this.#state = state;
    this.#scopes += 1;
    this.#registry.countExpose();
    try {
      return region.view();
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  /** Ends a scope; the last one detaches the view and closes the pages before it returns. */
  leave(): void {
    const state = this.#outcome("end");
    this.#scopes -= 1;
    if (state === "destroyed") {
      if (this.#scopes === 0) this.#releaseLate();
      return;
    }
    if (this.#scopes === 0) {
      this.#region.detach();
      this.#state = state;
      this.#region.protect("no-access");
    }
  }

  freeze(): void {
    this.#outcome("freeze");
    this.#frozen = true;
  }

  /**
   * Wipes, detaches, closes and releases. With scopes open, everything but the release is done now:
   * native code may still hold the address of the bytes until its scope ends.
   *
   * When it throws anything but `ERR_LETHE_CANARY`, the secret was not wiped and is not destroyed:
   * it can be tried again, and nothing claims what did not happen.
   */
  destroy(): void {
    if (this.#state === "destroyed") return;
    this.#attempt(() => this.#wipe());
    this.#state = "destroyed";
    this.#registry.remove(this);
    if (this.#scopes === 0) this.#attempt(() => this.#region.release());
  }

  /** For the event of a collected owner: as `destroy`, and counted. */
  collect(): boolean {
    if (this.#state === "destroyed") return false;
    this.#registry.countCollected();
    this.destroy();
    return true;
  }

  #outcome(event: Event): State {
    const outcome = next(this.#state, event, this.#scopes, this.#frozen);
    if (!isRefusal(outcome)) return outcome;
    return this.#registry.raise(outcome, `Cannot ${event} secret: ${REASON[outcome] ?? outcome}`);
  }

  #wipe(): void {
    this.#region.protect("read-write");
    this.#region.wipe();
    this.#region.detach();
    this.#region.protect("no-access");
  }

  /** What a pending native call wrote to the bytes after they were wiped is wiped too. */
  #releaseLate(): void {
    this.#attempt(() => {
      this.#wipe();
      this.#region.release();
    });
  }

  /** Damage that a region reports (a canary, a wipe that did not take) follows the misuse policy. */
  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (error instanceof LetheError) this.#registry.raise(error.code, error.message);
      throw error;
    }
  }
}

const REASON: Readonly<Record<string, string>> = {
  ERR_LETHE_DESTROYED: "it was destroyed",
  ERR_LETHE_FROZEN: "it is frozen",
  ERR_LETHE_BUSY: "another scope of it is open",
};
