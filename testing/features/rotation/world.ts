import { expect } from "vitest";
import type { SecretBuffer, Secrets } from "../../../core/mod.ts";
import { rotatingBy } from "../../../features/rotation/rotating.ts";
import type { RotatingSecret } from "../../../features/rotation/rotating_secret.ts";
import { LEAST_INTERVAL } from "../../../features/rotation/term.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { ControlledSource } from "./controlled_source.ts";
import { FakeClock, settle } from "./fake_clock.ts";

/** What happens around a rotating secret. `by` is in milliseconds. */
export interface Happening {
  readonly what:
    | "advance" // time goes by
    | "jump" // somebody sets the time of day
    | "store" // the store has another version from here on, valid for `by`; 0: for good
    | "renew" // the store has the same version for longer
    | "land" // the oldest read has its bytes in secret memory, and answers later
    | "answer" // the oldest read is answered
    | "fail" // the oldest read fails
    | "notice" // the store tells of a change
    | "open" // a scope begins
    | "end" // the oldest scope ends
    | "ask" // somebody calls refresh()
    | "purge"
    | "close";
  readonly by: number;
}

export const OVERLAP = 5000;

interface Scope {
  readonly secrets: readonly SecretBuffer[];
  readonly purges: number;
  readonly end: () => void;
}

/**
 * A rotating secret among clocks that are set, a store that changes, reads that are late or fail, and scopes;
 * and the model that says, after each of these, what must hold.
 */
export class World {
  readonly clock: FakeClock;
  readonly source: ControlledSource;
  readonly #secrets: Secrets = openSecrets();
  readonly #scopes: Scope[] = [];
  /** Until when a version can be used: by the time of day, and by the monotonic clock. */
  readonly #lives = new Map<string, readonly [end: number, deadline: number]>();
  readonly #replacedAt = new Map<string, number>();
  #rotating: RotatingSecret | null = null;
  #purges = 0;
  #asks = 0;
  #everAsked = false;
  #closed = false;
  /** What went wrong where nobody waited. */
  #fault: unknown = null;

  constructor(randoms: readonly number[]) {
    this.clock = new FakeClock(randoms);
    this.source = new ControlledSource(() => this.clock.monotonic());
  }

  async start(): Promise<void> {
    const opened = rotatingBy(this.clock)(this.#secrets, this.source, "reference", {
      overlap: OVERLAP,
    });
    await settle();
    this.#answer();
    this.#rotating = await opened;
  }

  get rotating(): RotatingSecret {
    if (this.#rotating === null) throw new Error("not started");
    return this.#rotating;
  }

  async happen({ what, by }: Happening): Promise<void> {
    const before = this.#rotating?.version ?? null;
    await this.#do(what, by);
    await settle();
    const after = this.#rotating?.version ?? null;
    if (before !== null && after !== before) this.#replacedAt.set(before, this.clock.monotonic());
    this.#check();
  }

  async #do(what: Happening["what"], by: number): Promise<void> {
    const { clock, source } = this;
    switch (what) {
      case "advance":
        return await clock.advance(by, settle);
      case "jump":
        return clock.jump(by - 10_000);
      case "store":
        source.stored++;
        source.end = by === 0 ? null : clock.wall() + by;
        return;
      case "renew":
        if (source.end !== null) source.end = Math.max(source.end, clock.wall() + by);
        return;
      case "land":
        return source.pending[0]?.land();
      case "answer":
        return this.#answer();
      case "fail":
        return source.pending[0]?.fail();
      case "notice":
        return source.onChange?.();
      case "open":
        return this.#open();
      case "end":
        return this.#scopes.shift()?.end();
      case "ask":
        return this.#ask();
      case "purge":
        this.#purges++;
        return this.#secrets.purge();
      case "close":
        this.#closed = true;
        return this.rotating.close();
    }
  }

  #answer(): void {
    const [read] = this.source.pending;
    if (read === undefined) return;
    const { stored, end, signal } = read;
    const until = end ?? Infinity;
    if (signal?.aborted !== true && until > this.clock.wall()) {
      this.#lives.set(`${stored}`, [until, this.clock.monotonic() + until - this.clock.wall()]);
    }
    read.answer();
  }

  /** A scope that lasts until it is ended. */
  #open(): void {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    try {
      const scope = this.rotating.use(async (current, previous) => {
        expect(this.#isOver(current.version)).toBe(false);
        const secrets = [...current.fields.values(), ...(previous?.fields.values() ?? [])];
        for (const record of [current, previous]) {
          for (const secret of record?.fields.values() ?? []) {
            secret.expose(([first]) => expect(first).toBe(Number(record?.version) % 256));
          }
        }
        if (previous !== undefined) {
          expect(this.#isOver(previous.version)).toBe(false);
          const since = this.#replacedAt.get(previous.version) ?? -Infinity;
          expect(this.clock.monotonic() - since).toBeLessThan(OVERLAP);
        }
        this.#scopes.push({ secrets, purges: this.#purges, end });
        await ended;
      });
      scope.catch((error) => {
        this.#fault = error;
      });
    } catch (error) {
      expect(["ERR_LETHE_SOURCE_EXPIRED", "ERR_LETHE_DESTROYED"]).toContain(
        (error as { code?: string }).code,
      );
    }
  }

  #isOver(version: string): boolean {
    const [end, deadline] = this.#lives.get(version) ?? [0, 0];
    return this.clock.wall() >= end || this.clock.monotonic() >= deadline;
  }

  #ask(): void {
    this.#asks++;
    this.#everAsked = true;
    const begun = this.source.reads;
    this.rotating.refresh().then(
      (version) => {
        this.#asks--;
        const early = this.source.lastAnswered <= begun; // it had begun before
        if (early || version !== `${this.source.lastStored}`) this.#fault = new Error("early");
      },
      () => {
        this.#asks--;
      },
    );
  }

  #check(): void {
    const { pending, begins } = this.source;
    expect(pending.filter(({ signal }) => signal?.aborted !== true).length).toBeLessThan(2);
    const open = this.#scopes.filter(({ purges }) => purges === this.#purges);
    for (const { secrets } of open) {
      expect(secrets.map(({ state }) => state)).not.toContain("destroyed");
    }
    const used = new Set(open.flatMap(({ secrets }) => secrets));
    const landed = pending.reduce((sum, read) => sum + read.landed, 0);
    // Two fields each: the record that serves, the one before it, and what scopes still use.
    expect(this.#secrets.stats.live).toBeLessThanOrEqual(4 + landed + used.size);
    if (this.#closed) {
      expect(this.clock.timers).toBe(0);
      expect(this.#secrets.stats.live).toBeLessThanOrEqual(landed + used.size);
      expect(this.#asks).toBe(0);
    }
    expect(this.clock.timers).toBeLessThan(3); // when to look again, and how long to wait for a read
    if (this.#fault !== null) throw this.#fault;
    if (this.#everAsked) return;
    for (const [index, begun] of begins.entries()) {
      if (index > 0)
        expect(begun - (begins[index - 1] ?? 0)).toBeGreaterThanOrEqual(LEAST_INTERVAL);
    }
  }

  /** From here on the store answers at once: what it has must come to serve, unless it was purged. */
  async recover(): Promise<void> {
    if (this.#closed) return;
    this.source.end = null;
    this.source.onChange?.();
    for (let turn = 0; turn < 100; turn++) {
      await this.clock.advance(2000, settle);
      while (this.source.pending.length > 0) {
        this.source.pending[0]?.answer();
        await settle();
      }
    }
    if (this.rotating.state === "purged") await this.#readAgain();
    expect(this.rotating.version).toBe(`${this.source.stored}`);
    expect(this.rotating.state).toBe("single");
  }

  async #readAgain(): Promise<void> {
    const version = this.rotating.refresh();
    await settle();
    this.source.pending[0]?.answer();
    expect(await version).toBe(`${this.source.stored}`);
  }

  async stop(): Promise<void> {
    if (!this.#closed) await this.happen({ what: "close", by: 0 });
    while (this.#scopes.length > 0) await this.happen({ what: "end", by: 0 });
    while (this.source.pending.length > 0) await this.happen({ what: "answer", by: 0 });
    expect(this.#secrets.stats.live).toBe(0);
    expect(this.clock.timers).toBe(0);
  }
}
