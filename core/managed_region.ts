import { bare } from "./arguments/own.ts";
import type { Placed } from "./close_together.ts";
import { LetheError } from "./contract/errors.ts";
import type { Guarantees } from "./contract/guarantees.ts";
import { isRefusal, type LifecycleEvent, nextState, type State } from "./contract/lifecycle.ts";
import type { Region, SecretMemory } from "./contract/memory.ts";
import type { Registry } from "./registry.ts";

/**
 * One region and its state: all that a secret is, apart from the object that the program holds.
 *
 * They are two so that the registry can hold this one strongly (a purge must reach it) while the
 * program's object stays collectable (a drop must be noticed).
 *
 * The order inside each step is the protection: `exposed` and `modifying` are entered before the
 * pages open and left after they closed, a view is detached before its pages close, and `destroyed`
 * is entered only when the bytes are zero. So when the memory fails half way, the state says what
 * the pages may still be.
 */
export class ManagedRegion {
  readonly byteLength: number;
  readonly guarantees: Guarantees;
  /** A line with the place of creation, when leaks are tracked. */
  readonly origin: string | undefined;
  readonly #registry: Registry;
  readonly #region: Region;
  readonly #memory: SecretMemory;
  #state: State = "guarded";
  #scopes = 0;
  #frozen = false;
  /** Set by the first `destroy`, also one that failed: what may be half wiped is never lent again. */
  #doomed = false;
  /** Whether its pages were ever opened. Until then they are zeros that nobody saw. */
  #opened = false;

  constructor(
    region: Region,
    guarantees: Guarantees,
    registry: Registry,
    origin: string | undefined,
    memory: SecretMemory,
  ) {
    this.byteLength = region.byteLength;
    this.guarantees = guarantees;
    this.origin = origin;
    this.#region = region;
    this.#memory = memory;
    this.#registry = registry;
    registry.add(this);
  }

  static is(value: unknown): value is ManagedRegion {
    return typeof value === "object" && value !== null && #region in value;
  }

  get state(): State {
    return this.#state;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  /** Opens a scope. Each `enter` is followed by one `leave`; one that throws has closed it again. */
  enter(event: "expose" | "modify"): Uint8Array<ArrayBuffer> {
    // No scope is open, and yet the last one could not be closed.
    if (this.#scopes === 0 && (this.#state === "exposed" || this.#state === "modifying")) {
      this.#attempt(() => this.#close());
    }
    const state = this.#outcome(event);
    if (this.#doomed) {
      return this.#registry.raise(
        "ERR_LETHE_DESTROYED",
        `Cannot ${event} secret: its destruction failed half way; destroy it again`,
      );
    }
    this.#state = state;
    this.#scopes += 1;
    this.#opened = true;
    try {
      if (this.#scopes === 1) this.#region.protect(event === "expose" ? "read-only" : "read-write");
      const view = this.#whole(this.#region.view());
      this.#registry.books.exposes += 1;
      return view;
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  /**
   * Ends a scope; the last one detaches the view and closes the pages before it returns. Where that
   * fails the state stays what it was, and the next scope or `destroy` tries again.
   */
  leave(): void {
    if (this.end()) this.finish();
  }

  freeze(): void {
    this.#outcome("freeze");
    this.#frozen = true;
  }

  /**
   * Wipes, detaches, closes and releases; what was never opened is only released. With scopes open it
   * wipes and detaches now, and closes and releases when the last of them ends: until then native code
   * may hold the address of the bytes, and a write to closed pages would kill the process.
   *
   * When it throws anything but `ERR_LETHE_CANARY`, the secret is not known to be wiped and is not
   * destroyed: it stays live, lends nothing any more, and can be destroyed again.
   */
  destroy(): void {
    if (this.#state === "destroyed") return;
    if (this.#opened) {
      this.#doomed = true;
      this.#state = "modifying";
      this.#attempt(() => (this.#scopes === 0 ? this.#wipeOrClose() : this.#wipeInside()));
    }
    this.#state = "destroyed";
    this.#registry.remove(this);
    if (this.#scopes === 0) this.#attempt(() => this.#region.release());
  }

  /** For {@link consumeRegion}: opens the pages for writing, frozen or not; null where a scope is open. */
  openAlone(): Uint8Array<ArrayBuffer> | null {
    if (this.#state !== "guarded" || this.#doomed) return null;
    const frozen = this.#frozen;
    this.#frozen = false;
    try {
      const bytes = this.enter("modify");
      this.#registry.books.exposes -= 1; // it is no scope of the program's
      return bytes;
    } finally {
      this.#frozen = frozen;
    }
  }

  /** Ends that scope and leaves its pages open for `destroy`; false where that has come already. */
  endAlone(): boolean {
    if (this.#state !== "modifying") return false;
    this.#scopes = 0;
    return true;
  }

  /** For the event of a collected owner: as `destroy`, and counted. */
  collect(): boolean {
    if (this.#state === "destroyed") return false;
    this.#registry.books.collected += 1;
    this.destroy();
    return true;
  }

  /** Ends one scope. True: it was the last, and {@link finish} is to follow. */
  end(): boolean {
    this.#outcome("end");
    this.#scopes -= 1;
    return this.#scopes === 0;
  }

  /** What is below it, for {@link closeTogether}. */
  get placed(): Placed {
    return { region: this.#region, memory: this.#memory };
  }

  /** Closes the pages when the last scope ended; those of a destroyed one are wiped once more, and released. */
  finish(): void {
    try {
      if (this.#state === "destroyed") this.#releaseLate();
      else this.#close();
    } catch (error) {
      this.#raise(error);
    }
  }

  #outcome(event: LifecycleEvent): State {
    const outcome = nextState(this.#state, event, this.#scopes, this.#frozen);
    if (!isRefusal(outcome)) return outcome;
    return this.#registry.raise(outcome, `Cannot ${event} secret: ${REASON[outcome] ?? outcome}`);
  }

  /** An empty view would make an empty key of a secret, so a view of another length is refused. */
  #whole(view: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (view.byteLength === this.byteLength) return view;
    throw new LetheError(
      "ERR_LETHE_UNAVAILABLE",
      `Cannot lend secret of ${this.byteLength} bytes: its memory gave a view of ${view.byteLength}; its buffer was transferred inside a scope, or the memory is faulty`,
    );
  }

  #close(): void {
    this.#region.detach();
    this.#region.protect("no-access");
    this.#state = "guarded";
  }

  #wipe(): void {
    this.#region.protect("read-write");
    this.#region.wipe();
    this.#region.detach();
    this.#region.protect("no-access");
  }

  #wipeOrClose(): void {
    try {
      this.#wipe();
    } catch (error) {
      try {
        this.#close();
      } catch {
        // The state still says that the pages are open, and the first failure is the one to tell.
      }
      throw error;
    }
  }

  /**
   * A native call of an open scope may write while the bytes are read back, so that they are not
   * judged here but by the wipe at the end of the last scope.
   */
  #wipeInside(): void {
    this.#region.protect("read-write");
    try {
      this.#region.wipe();
    } catch (error) {
      if (!(error instanceof LetheError) || error.code !== "ERR_LETHE_WIPE") throw error;
    }
    this.#region.detach();
  }

  /** What a pending native call wrote to the bytes after they were wiped is wiped too. */
  #releaseLate(): void {
    this.#wipe();
    this.#region.release();
  }

  /** Damage that a region reports (a canary, a wipe that did not take) follows the misuse policy. */
  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#raise(error);
    }
  }

  #raise(error: unknown): never {
    if (error instanceof LetheError) this.#registry.raise(error.code, error.message);
    throw error;
  }
}

const REASON: Readonly<Record<string, string>> = bare({
  ERR_LETHE_DESTROYED: "it was destroyed",
  ERR_LETHE_FROZEN: "it is frozen",
  ERR_LETHE_BUSY: "another scope of it is open",
});
