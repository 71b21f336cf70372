import { wrongType } from "../../../core/arguments/argument_error.ts";
import { checkLive } from "../../../core/check_live.ts";
import type { SecretBuffer, Secrets } from "../../../core/mod.ts";

/**
 * One piece of secret memory for what is used together, opened and closed as one: that is most of what
 * a use costs.
 *
 * Outside {@link SharedRegion.open} it is closed, and every part that was lent is empty. Inside, all of it is
 * open: who is lent one part could reach the others, so that no code of an application is called there.
 */
export class SharedRegion {
  readonly #secret: SecretBuffer;
  #view: Uint8Array<ArrayBuffer> | null = null;
  #openings = 0;

  constructor(secrets: Secrets, byteLength: number) {
    this.#secret = secrets.allocate(byteLength);
  }

  /** True after its end, or that of all secrets. */
  get isDestroyed(): boolean {
    return this.#secret.state === "destroyed";
  }

  /** How often it was opened, without what was nested. */
  get openings(): number {
    return this.#openings;
  }

  /** From here on it opens for reading alone. */
  freeze(): void {
    this.#secret.freeze();
  }

  /**
   * Keeps it open for `run`, which is not asynchronous. Inside another one it opens nothing anew.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`, also inside of the scope in which it was destroyed
   */
  open<T>(run: () => T): T {
    if (this.#view !== null && this.#view.length > 0) return run();
    this.assertLive();
    const use = (view: Uint8Array<ArrayBuffer>): T => {
      this.#view = view;
      this.#openings += 1;
      try {
        return run();
      } finally {
        this.#view = null;
      }
    };
    return this.#secret.frozen ? this.#secret.expose(use) : this.#secret.modify(use);
  }

  /** @throws {LetheError} `ERR_LETHE_DESTROYED` after its end, or that of all secrets: no misuse */
  assertLive(): void {
    checkLive(this.#secret, "use channel");
  }

  /** The bytes from `start`, as long as it is open; none where it was destroyed meanwhile. */
  part(start: number, byteLength: number): Uint8Array<ArrayBuffer> {
    const view = this.#view;
    if (view === null) throw wrongType("Cannot lend part as its region is closed");
    if (view.length === 0) return view;
    return new Uint8Array(view.buffer, view.byteOffset + start, byteLength);
  }

  /** Wiped at once, also inside a scope. Idempotent. */
  destroy(): void {
    this.#secret.destroy();
  }
}
