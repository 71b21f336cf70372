import { LetheError } from "../../core/mod.ts";
import type { EnvelopeStore } from "./store.ts";
import { isSame, keysApart, pause, sample } from "./store_samples.ts";

/** What the suite takes. */
export interface StoreSubject {
  /** What is held to the rules. */
  readonly store: EnvelopeStore;
  /** Another client of the same store. Default: `store`. */
  readonly second?: EnvelopeStore;
  /** The most milliseconds from a change to its announcement. Default: 5000. */
  readonly noticeWithin?: number;
}

/** A rule of {@link EnvelopeStore} that a store breaks. */
export interface StoreFault {
  /** The rule: `ENVSTORE-1` to `ENVSTORE-7`. */
  readonly rule: string;
  /** What it does instead. */
  readonly fault: string;
}

/**
 * Holds a store to the rules of {@link EnvelopeStore}, for the tests of a program that has one. It writes some seventy times under new
 * keys, which begin with `conformance-`, and removes them again.
 *
 * @returns what it breaks, or an empty list; it never rejects because of what the store does
 *
 * @example
 * ```ts
 * import { MemoryStore, runStoreConformance } from "lethe/stores";
 *
 * const faults = await runStoreConformance({ store: new MemoryStore() });
 * console.log(faults.length); // 0
 * ```
 */
export async function runStoreConformance(subject: StoreSubject): Promise<readonly StoreFault[]> {
  const trial = new StoreTrial(subject);
  await trial.all();
  return trial.faults;
}

class StoreTrial {
  readonly faults: StoreFault[] = [];
  readonly #store: EnvelopeStore;
  readonly #second: EnvelopeStore;
  readonly #within: number;
  readonly #run: string = String(Math.random()).slice(2);
  readonly #revisions = new Set<string>();
  #keys = 0;

  constructor({ store, second = store, noticeWithin = 5000 }: StoreSubject) {
    this.#store = store;
    this.#second = second;
    this.#within = noticeWithin;
  }

  async all(): Promise<void> {
    await this.#try("ENVSTORE-1", () => this.#bytes());
    await this.#try("ENVSTORE-2", () => this.#expectations());
    await this.#try("ENVSTORE-2", () => this.#race());
    await this.#try("ENVSTORE-3", () => this.#afterRemoval());
    await this.#try("ENVSTORE-5", () => this.#aborted());
    await this.#try("ENVSTORE-6", () => this.#manyAtOnce());
    await this.#try("ENVSTORE-6", () => this.#oddKeys());
    await this.#try("ENVSTORE-7", () => this.#watching());
  }

  #fail(rule: string, fault: string): void {
    if (!this.faults.some((known) => known.rule === rule)) this.faults.push({ rule, fault });
  }

  async #try(rule: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#checkError(error);
      this.#fail(rule, `it throws ${error instanceof Error ? error.message : "no Error"}`);
    }
  }

  #key(): string {
    this.#keys += 1;
    return `conformance-${this.#run}-${this.#keys}`;
  }

  async #write(key: string, bytes: Uint8Array, expected: string | null): Promise<string> {
    const revision = await this.#store.write(key, bytes, { expected });
    if (typeof revision !== "string" || !/^[\x21-\x7e]{1,100}$/.test(revision)) {
      this.#fail("ENVSTORE-3", "a revision is not 1 to 100 visible ASCII characters");
    }
    if (this.#revisions.has(revision)) this.#fail("ENVSTORE-3", "a revision came again");
    this.#revisions.add(revision);
    return revision;
  }

  async #bytes(): Promise<void> {
    if ((await this.#store.read(this.#key())) !== null) {
      this.#fail("ENVSTORE-1", "a key that nobody wrote is not null");
    }
    const key = this.#key();
    let revision: string | null = null;
    for (const byteLength of [1, 2, 3, 255, 256, 257, 4096, 2 ** 20]) {
      const bytes = sample(byteLength);
      revision = await this.#write(key, bytes, revision);
      bytes.fill(0);
      const found = await this.#second.read(key);
      if (found === null || !isSame(found.envelope, sample(byteLength))) {
        this.#fail("ENVSTORE-1", `${byteLength} bytes do not come back at once`);
      }
      if (found !== null && found.revision !== revision) {
        this.#fail("ENVSTORE-1", "read gives another revision than write");
      }
      found?.envelope.fill(0);
      const again = await this.#second.read(key);
      if (again === null || !isSame(again.envelope, sample(byteLength))) {
        this.#fail("ENVSTORE-1", "who changes what read gave changes what is stored");
      }
    }
    if (revision !== null) await this.#store.remove(key, { expected: revision });
  }

  async #expectations(): Promise<void> {
    const key = this.#key();
    const first = await this.#write(key, sample(9), null);
    await this.#conflicts("writes over what is there", () =>
      this.#store.write(key, sample(8), { expected: null }),
    );
    const second = await this.#write(key, sample(10), first);
    for (const expected of [first, "none"]) {
      await this.#conflicts("writes by an old revision", () =>
        this.#store.write(key, sample(8), { expected }),
      );
      await this.#conflicts("removes by an old revision", () =>
        this.#store.remove(key, { expected }),
      );
    }
    const found = await this.#second.read(key);
    if (found === null || !isSame(found.envelope, sample(10))) {
      this.#fail("ENVSTORE-2", "what was refused changed what is stored");
    }
    await this.#store.remove(key, { expected: second });
    if ((await this.#second.read(key)) !== null)
      this.#fail("ENVSTORE-2", "what was removed is there");
    await this.#conflicts("writes by the revision of what was removed", () =>
      this.#store.write(key, sample(8), { expected: second }),
    );
    await this.#conflicts("removes what is not there", () =>
      this.#store.remove(key, { expected: second }),
    );
  }

  async #conflicts(what: string, attempt: () => Promise<unknown>): Promise<void> {
    try {
      await attempt();
    } catch (error) {
      this.#checkError(error);
      if (error instanceof LetheError && error.code === "ERR_LETHE_STORE_CONFLICT") return;
      throw error;
    }
    this.#fail("ENVSTORE-2", `it ${what}`);
  }

  async #race(): Promise<void> {
    const key = this.#key();
    let expected: string | null = null;
    for (const round of [1, 2, 3]) {
      const from: string | null = expected;
      const writers: Promise<string>[] = [1, 2, 3, 4].map((writer) =>
        (writer % 2 === 0 ? this.#store : this.#second).write(key, sample(round * 8 + writer), {
          expected: from,
        }),
      );
      const done = await Promise.allSettled(writers);
      const won = done.filter((one) => one.status === "fulfilled");
      if (won.length !== 1) {
        this.#fail("ENVSTORE-2", `of four that expect the same revision ${won.length} succeed`);
      }
      expected = won[0]?.value ?? (await this.#store.read(key))?.revision ?? null;
    }
    if (expected !== null) await this.#store.remove(key, { expected });
  }

  async #afterRemoval(): Promise<void> {
    const key = this.#key();
    for (const _round of [1, 2, 3]) {
      const revision = await this.#write(key, sample(5), null);
      await this.#store.remove(key, { expected: revision });
    }
  }

  async #aborted(): Promise<void> {
    const ending = new AbortController();
    const reason = new Error("a test ended it");
    ending.abort(reason);
    const { signal } = ending;
    const key = this.#key();
    const attempts: readonly (() => Promise<unknown>)[] = [
      () => this.#store.read(key, signal),
      () => this.#store.write(key, sample(5), { expected: null, signal }),
      () => this.#store.remove(key, { expected: "1", signal }),
      ...(this.#store.watch === undefined
        ? []
        : [() => this.#store.watch?.(key, () => undefined, signal) ?? Promise.resolve()]),
    ];
    for (const attempt of attempts) {
      const ended = await attempt().then(
        () => null,
        (error: unknown) => error,
      );
      if (ended !== reason) this.#fail("ENVSTORE-5", "it does not reject with the signal's reason");
    }
    if ((await this.#second.read(key)) !== null) {
      this.#fail("ENVSTORE-5", "it writes although the signal was aborted before");
    }
  }

  async #manyAtOnce(): Promise<void> {
    const keys = Array.from({ length: 16 }, () => this.#key());
    const revisions = await Promise.all(
      keys.map((key, index) => this.#write(key, sample(100 + index), null)),
    );
    const found = await Promise.all(keys.map((key) => this.#second.read(key)));
    const isEach = found.every(
      (one, index) => one !== null && isSame(one.envelope, sample(100 + index)),
    );
    if (!isEach) this.#fail("ENVSTORE-6", "writes of several keys at once are mixed up");
    await Promise.all(
      keys.map((key, index) => this.#store.remove(key, { expected: revisions[index] ?? "" })),
    );
  }

  /** Keys that a file system, a URL or a pattern takes for each other. */
  async #oddKeys(): Promise<void> {
    const keys = keysApart(`${this.#key()}-`);
    const revisions: string[] = [];
    for (const [index, key] of keys.entries()) {
      if ((await this.#second.read(key)) !== null) this.#touch(key);
      revisions.push(await this.#write(key, sample(10 + index), null));
    }
    for (const [index, key] of keys.entries()) {
      const found = await this.#second.read(key);
      if (found === null || !isSame(found.envelope, sample(10 + index))) this.#touch(key);
      await this.#store.remove(key, { expected: revisions[index] ?? "" });
    }
  }

  #touch(key: string): void {
    const shown = key.length > 100 ? "of 200 characters" : JSON.stringify(key);
    this.#fail("ENVSTORE-6", `the key ${shown} is taken for another one`);
  }

  async #watching(): Promise<void> {
    if (this.#store.watch === undefined) return;
    const [key, other] = [this.#key(), this.#key()];
    const ending = new AbortController();
    let notices = 0;
    let noticed: (() => void) | null = null;
    await this.#store.watch(
      key,
      () => {
        notices += 1;
        noticed?.();
      },
      ending.signal,
    );
    const beside = new AbortController();
    await this.#store.watch(other, () => undefined, beside.signal);
    beside.abort(); // it ends no other
    const seen = async (change: () => Promise<string | undefined>): Promise<string> => {
      const before = notices;
      const notice = new Promise<void>((resolve) => {
        noticed = resolve;
      });
      const revision = (await change()) ?? "";
      if (notices === before) await Promise.race([notice, pause(this.#within)]);
      if (notices === before) this.#fail("ENVSTORE-7", "a change is not announced");
      return revision;
    };
    const first = await seen(() => this.#write(key, sample(5), null));
    const second = await seen(() => this.#write(key, sample(6), first));
    await seen(() => this.#store.remove(key, { expected: second }).then(() => undefined));
    ending.abort();
    const before = notices;
    const last = await this.#write(key, sample(7), null);
    const apart = await this.#write(other, sample(7), null);
    await this.#store.remove(key, { expected: last });
    await this.#store.remove(other, { expected: apart });
    await pause(50);
    if (notices !== before) this.#fail("ENVSTORE-7", "a change is announced after the watch ended");
  }

  #checkError(error: unknown): void {
    const isOurs = error instanceof LetheError && error.code.startsWith("ERR_LETHE_STORE_");
    if (!isOurs)
      this.#fail("ENVSTORE-4", "an error is not a LetheError of a code ERR_LETHE_STORE_*");
  }
}
