/** How many a vault remembers: a program that makes a secret for each request does not fill the custodian. */
export const MOST_ENDED = 1000;

/** Why secrets came to their end by their policy: of the last {@link MOST_ENDED}, by their names. */
export class EndedNames {
  readonly #reasons = new Map<string, string>();

  note(name: string, reason: string): void {
    this.#reasons.delete(name);
    this.#reasons.set(name, reason);
    if (this.#reasons.size <= MOST_ENDED) return;
    const [oldest = ""] = this.#reasons.keys();
    this.#reasons.delete(oldest);
  }

  reasonOf(name: string): string | undefined {
    return this.#reasons.get(name);
  }

  /** @returns whether it was there */
  forget(name: string): boolean {
    return this.#reasons.delete(name);
  }

  clear(): void {
    this.#reasons.clear();
  }
}
