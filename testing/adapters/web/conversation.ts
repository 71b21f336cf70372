/** Lines to and from a program in a browser, which asks for each and sends each by a request. */
export class Conversation {
  readonly #heard: Waiting<string> = new Waiting();
  readonly #said: Waiting<string> = new Waiting();

  /** From the program: its next line. */
  hear(line: string): void {
    this.#heard.put(line);
  }

  /** To the program: its next line, or null when there will be none. */
  tell(): Promise<string | null> {
    return this.#said.take();
  }

  /** @returns the answer, or null when the program ended instead */
  ask(line: string): Promise<string | null> {
    this.#said.put(line);
    return this.#heard.take();
  }

  /** A line that nobody asked for. */
  next(): Promise<string | null> {
    return this.#heard.take();
  }

  end(): void {
    this.#heard.end();
    this.#said.end();
  }
}

/** Values that wait for takers, or takers that wait for values. */
class Waiting<T> {
  readonly #values: T[] = [];
  readonly #takers: ((value: T | null) => void)[] = [];
  #ended = false;

  put(value: T): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#values.push(value);
    else taker(value);
  }

  take(): Promise<T | null> {
    const value = this.#values.shift();
    if (value !== undefined || this.#ended) return Promise.resolve(value ?? null);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  end(): void {
    this.#ended = true;
    for (const taker of this.#takers.splice(0)) taker(null);
  }
}
