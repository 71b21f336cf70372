import type { Holding } from "./holding.ts";
import { type Abort, type MisusePolicy, Registry, type Sealing, type Stats } from "./registry.ts";

/**
 * The books of another registry under a misuse policy of its own, for secrets whose misuse ends the
 * process although that of their neighbours does not. What it holds is counted and purged with them.
 */
export class SharingRegistry extends Registry {
  readonly #books: Registry;

  constructor(books: Registry, policy: MisusePolicy, abort: Abort | undefined) {
    super(policy, abort);
    this.#books = books;
  }

  override add(holding: Holding): void {
    this.#books.add(holding);
  }

  override remove(holding: Holding): void {
    this.#books.remove(holding);
  }

  override attach(sealing: Sealing): void {
    this.#books.attach(sealing);
  }

  override detach(sealing: Sealing): void {
    this.#books.detach(sealing);
  }

  override countExpose(): void {
    this.#books.countExpose();
  }

  override countCollected(): void {
    this.#books.countCollected();
  }

  override get stats(): Stats {
    return this.#books.stats;
  }

  override get origins(): readonly string[] {
    return this.#books.origins;
  }

  override purge(): void {
    this.#books.purge();
  }
}
