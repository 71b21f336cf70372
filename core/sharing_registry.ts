import {
  type Abort,
  type Member,
  type MisusePolicy,
  Registry,
  type Sealing,
  type Stats,
} from "./registry.ts";

/**
 * Leaves all bookkeeping to another registry; only the misuse policy differs. It serves secrets whose
 * misuse ends the process although that of their neighbours does not: they are counted and purged
 * together.
 */
export class SharingRegistry extends Registry {
  readonly #books: Registry;

  constructor(books: Registry, policy: MisusePolicy, abort: Abort | undefined) {
    super(policy, abort);
    this.#books = books;
  }

  override add(member: Member): void {
    this.#books.add(member);
  }

  override remove(member: Member): void {
    this.#books.remove(member);
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
