import { describe, expect, it } from "vitest";
import { LetheError } from "../../core/mod.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { thrown } from "../../testing/core/samples.ts";
import { ControlledSource } from "../../testing/features/rotation/controlled_source.ts";
import { FakeClock, settle } from "../../testing/features/rotation/fake_clock.ts";
import type { ReadContext, SecretRecord } from "../sources/mod.ts";
import type { RotationEvent } from "./events.ts";
import type { RotatingOptions } from "./options.ts";
import { type RotatingSecret, rotatingBy } from "./rotating.ts";

const MINUTE = 60_000;

/** A rotating secret over a store that a test controls. */
class Stage {
  readonly clock: FakeClock = new FakeClock([0]);
  readonly secrets = openSecrets();
  readonly source: ControlledSource = new ControlledSource(() => this.clock.monotonic());
  readonly events: RotationEvent[] = [];

  /** @param lifetime of the first version, in milliseconds */
  async start(lifetime: number | null, options: RotatingOptions = {}): Promise<RotatingSecret> {
    this.store(lifetime);
    const onEvent = (event: RotationEvent): void => void this.events.push(event);
    const opened = rotatingBy(this.clock)(this.secrets, this.source, "reference", {
      onEvent,
      ...options,
    });
    await settle();
    this.source.pending[0]?.answer();
    const rotating = await opened;
    this.events.length = 0;
    return rotating;
  }

  store(lifetime: number | null): void {
    this.source.stored++;
    this.source.end = lifetime === null ? null : this.clock.wall() + lifetime;
  }

  async answer(): Promise<void> {
    this.source.pending[0]?.answer();
    await settle();
  }

  async fail(): Promise<void> {
    this.source.pending[0]?.fail();
    await settle();
  }

  async advance(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds, settle);
  }

  /** Time goes by, and reads are answered within a second. */
  async pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 1000) {
      await this.advance(1000);
      await this.answer();
    }
  }

  /** The store has another version, and says so. */
  async rotate(lifetime: number | null): Promise<void> {
    this.store(lifetime);
    await this.notice();
    await this.answer();
  }

  async notice(): Promise<void> {
    await this.advance(100);
    this.source.onChange?.();
    await settle();
  }

  get reads(): number {
    return this.source.reads;
  }

  get live(): number {
    return this.secrets.stats.live;
  }
}

const version = (rotating: RotatingSecret): string => rotating.use((current) => current.version);
const both = (rotating: RotatingSecret): readonly (string | undefined)[] =>
  rotating.use((current, previous) => [current.version, previous?.version]);
const codeOf = (work: () => unknown): string | undefined => thrown(work).code;

describe("when a record expires", () => {
  it("is read again after two thirds of its time, and earlier by chance", async () => {
    for (const [jitter, draw, due] of [
      [0.2, 0, 40_000],
      [1, 0.5, 30_000],
    ] as const) {
      const stage = new Stage();
      Object.assign(stage, { clock: new FakeClock([draw]) });
      await stage.start(MINUTE, { jitter });
      await stage.advance(due - 1);
      expect(stage.reads).toBe(1);
      await stage.advance(2);
      expect(stage.reads).toBe(2);
    }
  });

  it("serves until then although reads fail, and is an error after that", async () => {
    const stage = new Stage();
    const rotating = await stage.start(MINUTE);
    for (let passed = 0; passed < 59; passed++) {
      await stage.advance(1000);
      await stage.fail();
      expect(version(rotating)).toBe("2");
    }
    expect(stage.reads).toBeGreaterThan(4);
    await stage.advance(1001);
    expect(codeOf(() => version(rotating))).toBe("ERR_LETHE_SOURCE_EXPIRED");
    expect(thrown(() => version(rotating)).message).toContain("ERR_LETHE_SOURCE_FAILED");
    expect([rotating.state, rotating.version, stage.live]).toEqual(["expired", null, 0]);
    await stage.fail();
    stage.store(null);
    for (let passed = 0; rotating.version === null; passed++) {
      await stage.advance(1000);
      await stage.answer();
      expect(passed).toBeLessThan(61);
    }
    expect(version(rotating)).toBe("3");
    expect(stage.events.map(({ kind }) => kind)).toContain("expired");
  });

  it("is over by the time of day when the machine slept, before a timer says so", async () => {
    const stage = new Stage();
    const rotating = await stage.start(MINUTE);
    stage.clock.jump(MINUTE);
    expect(codeOf(() => version(rotating))).toBe("ERR_LETHE_SOURCE_EXPIRED");
    expect(stage.live).toBe(0);
  });

  it("is over by the monotonic clock when somebody sets the time back", async () => {
    const stage = new Stage();
    const rotating = await stage.start(MINUTE);
    stage.clock.jump(-3_600_000);
    await stage.advance(MINUTE - 1);
    expect(version(rotating)).toBe("2");
    await stage.advance(1);
    expect(codeOf(() => version(rotating))).toBe("ERR_LETHE_SOURCE_EXPIRED");
  });

  it("is not used when it comes too late", async () => {
    const stage = new Stage();
    const rotating = await stage.start(null);
    stage.store(50);
    await stage.notice();
    stage.clock.jump(51);
    await stage.answer();
    expect(version(rotating)).toBe("2");
    expect(stage.events).toMatchObject([
      { kind: "refresh-failed", code: "ERR_LETHE_SOURCE_EXPIRED", failures: 1 },
    ]);
    expect(stage.live).toBe(2);
  });

  it("is read seldom although its end is near, the same, or a year away", async () => {
    const stage = new Stage();
    await stage.start(10_000, { refreshBefore: 10_000 });
    for (let passed = 0; passed < 9900; passed += 10) {
      await stage.advance(10);
      await stage.answer(); // the same version with the same end
    }
    expect(stage.reads).toBeGreaterThan(4);
    expect(stage.reads).toBeLessThan(12);
    const year = new Stage();
    await year.start(365 * 24 * 60 * MINUTE);
    for (let day = 0; day < 100; day++) await year.advance(24 * 60 * MINUTE);
    expect(year.reads).toBe(1);
  });

  it("takes over a later end of the same version", async () => {
    const stage = new Stage();
    const rotating = await stage.start(MINUTE);
    stage.source.end = stage.clock.wall() + 10 * MINUTE;
    await stage.advance(40_000);
    await stage.answer();
    await stage.advance(30_000);
    expect(both(rotating)).toEqual(["2", undefined]);
    expect(stage.events).toEqual([{ kind: "renewed", version: "2" }]);
    expect(stage.live).toBe(2);
  });
});

describe("another version of the same bytes", () => {
  it("renews what serves, whatever it is called, and keeps the version before it", async () => {
    const stage = new Stage();
    const rotating = await stage.start(MINUTE, { overlap: 10 * MINUTE });
    await stage.rotate(MINUTE);
    let end = (): void => undefined;
    const scope = rotating.use(async ({ version: before, field }) => {
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      return [before, typeof field];
    });
    stage.source.names = "again ";
    stage.source.end = stage.clock.wall() + 5 * MINUTE;
    await stage.notice();
    await stage.answer();
    expect(both(rotating)).toEqual(["again 3", "2"]);
    expect(stage.live).toBe(4);
    expect(stage.events.at(-1)).toEqual({ kind: "renewed", version: "again 3" });
    end();
    expect(await scope).toEqual(["3", "function"]);
    await stage.advance(MINUTE);
    expect(rotating.version).toBe("again 3");
  });
});

describe("the version before", () => {
  it("can be used while the two overlap, and is destroyed then", async () => {
    const stage = new Stage();
    const rotating = await stage.start(null, { overlap: 5000 });
    await stage.rotate(null);
    expect([both(rotating), stage.live]).toEqual([["3", "2"], 4]);
    await stage.advance(4999);
    expect(both(rotating)).toEqual(["3", "2"]);
    await stage.advance(1);
    expect(stage.live).toBe(2); // by the timer, without a use
    expect(both(rotating)).toEqual(["3", undefined]);
    expect(stage.events).toEqual([
      { kind: "rotated", version: "3", previous: "2" },
      { kind: "retired", version: "2" },
    ]);
  });

  it("gives way to a third, and to none at once with an overlap of 0", async () => {
    const stage = new Stage();
    const rotating = await stage.start(null);
    await stage.rotate(null);
    await stage.rotate(null);
    expect([both(rotating), stage.live]).toEqual([["4", "3"], 4]);
    const without = new Stage();
    const other = await without.start(null, { overlap: 0 });
    await without.rotate(null);
    expect([both(other), without.live]).toEqual([["3", undefined], 2]);
  });

  it("is not lent once it has expired itself", async () => {
    const stage = new Stage();
    const rotating = await stage.start(MINUTE, { overlap: 10 * MINUTE });
    await stage.rotate(null);
    expect(both(rotating)).toEqual(["3", "2"]);
    stage.clock.jump(MINUTE);
    expect(both(rotating)).toEqual(["3", undefined]);
    expect(stage.live).toBe(2);
  });

  it("lives on in a scope that is open, and no longer", async () => {
    const stage = new Stage();
    const rotating = await stage.start(null, { overlap: 0 });
    let end = (): void => undefined;
    const scope = rotating.use(async (current) => {
      const secret = current.field("user");
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      return secret.expose(([first]) => first);
    });
    await stage.rotate(null);
    await stage.rotate(null);
    expect(stage.live).toBe(4);
    end();
    expect(await scope).toBe(2);
    expect(stage.live).toBe(2);
    for (const ending of [() => Promise.reject(new Error("no")), fail]) {
      await Promise.resolve()
        .then(() => rotating.use(ending))
        .catch(() => undefined);
    }
    await stage.rotate(null);
    expect(stage.live).toBe(2);
  });
});

function fail(): never {
  throw new Error("no");
}

describe("reads", () => {
  it("are shared by those who ask in one turn, and begin after the question", async () => {
    const stage = new Stage();
    const rotating = await stage.start(null);
    const first = Promise.all(Array.from({ length: 16 }, () => rotating.refresh()));
    await settle();
    expect(stage.reads).toBe(2);
    stage.store(null); // too late for the read that runs
    const second = Promise.all(Array.from({ length: 16 }, () => rotating.refresh()));
    await settle();
    expect([stage.reads, stage.source.pending.length]).toEqual([2, 1]);
    await stage.answer();
    expect(new Set(await first)).toEqual(new Set(["2"]));
    expect([stage.reads, stage.source.pending.length]).toEqual([3, 1]);
    await stage.answer();
    expect(new Set(await second)).toEqual(new Set(["3"]));
    expect(stage.reads).toBe(3);
  });

  it("follow a notice that came while one ran, and a storm of notices only so often", async () => {
    const stage = new Stage();
    const rotating = await stage.start(null);
    await stage.notice();
    stage.store(null);
    await stage.notice();
    expect(stage.reads).toBe(2);
    await stage.answer();
    await stage.advance(100);
    await stage.answer();
    expect(version(rotating)).toBe("3");
    const { reads } = stage;
    for (let passed = 0; passed < 1000; passed++) {
      stage.source.onChange?.();
      await stage.advance(1);
      await stage.answer();
    }
    expect(stage.reads - reads).toBeLessThanOrEqual(11);
    expect(stage.reads - reads).toBeGreaterThan(8);
  });

  it("that fail are tried again, 1 to 60 seconds apart", async () => {
    const stage = new Stage();
    await stage.start(null);
    await stage.notice();
    const begins = stage.source.begins;
    for (let passed = 0; passed < 600; passed++) {
      await stage.fail();
      await stage.advance(500);
    }
    const pauses = begins.slice(2).map((at, index) => at - (begins[index + 1] ?? 0));
    // Half of 1, 2, 4 ... seconds, as chance has it here, and up to the next look of the test.
    expect(pauses.slice(0, 6).map((pause) => Math.round(pause / 500))).toEqual([
      1, 2, 4, 8, 16, 32,
    ]);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_500);
    expect(stage.events[0]).toEqual({
      ...{ kind: "refresh-failed", code: "ERR_LETHE_SOURCE_FAILED" },
      ...{ failures: 1, retryIn: 500 },
    });
  });

  it("end in time; what comes later is destroyed", async () => {
    const stage = new Stage();
    const rotating = await stage.start(null, { timeout: 3000 });
    const asked = rotating.refresh();
    asked.catch(() => undefined);
    await settle();
    const [hanging] = stage.source.pending;
    hanging?.land();
    await stage.advance(3000);
    await expect(asked).rejects.toMatchObject({ code: "ERR_LETHE_SOURCE_TIMEOUT" });
    expect(hanging?.signal?.aborted).toBe(true);
    hanging?.answer();
    await settle();
    expect([version(rotating), stage.live]).toEqual(["2", 2]);
  });

  it("come every so often where that is asked for, a little apart from each other", async () => {
    const stage = new Stage();
    await stage.start(null, { pollEvery: 10_000 });
    for (let passed = 0; passed < 60; passed++) {
      await stage.advance(1000);
      await stage.answer();
    }
    expect(stage.reads).toBe(7);
  });

  it("go on by polling, and say so, where changes can no longer be seen", async () => {
    const stage = new Stage();
    await stage.start(null);
    const seeing = stage.source.onChange;
    stage.source.sees = false;
    seeing?.(new LetheError("ERR_LETHE_SOURCE_DENIED", "no"));
    await settle();
    expect(stage.events).toEqual([
      { kind: "watch-ended", code: "ERR_LETHE_SOURCE_DENIED", pollEvery: MINUTE },
    ]);
    await stage.pass(5 * MINUTE + 1000);
    expect([stage.reads, stage.source.onChange]).toEqual([7, null]);
    stage.source.sees = true;
    await stage.pass(MINUTE);
    expect(stage.source.onChange).not.toBe(null); // the watch goes on with a read
    await stage.pass(100 * MINUTE);
    expect(stage.reads).toBe(8);
    expect(stage.events.filter(({ kind }) => kind === "watch-ended").length).toBe(1);
    seeing?.(); // a watch that is over
    await stage.pass(1000);
    expect(stage.reads).toBe(8);
  });
});

describe("a source that breaks its rules", () => {
  it("leaves nothing behind that it landed, and what it gives is looked at", async () => {
    const secrets = openSecrets();
    for (const [given, code, own] of [
      [() => Promise.reject(new Error("foreign")), undefined, 0],
      [() => ({ version: "a\nb", fields: new Map([["value", secrets.random(8)]]) }), FORMAT, 1],
      [() => ({ version: "1", fields: new Map() }), FORMAT, 0],
      [() => ({ version: "1", fields: new Map([["value", new Uint8Array(8)]]) }), FORMAT, 0],
      [() => ({ version: "1", fields: 7 }), undefined, 0],
      [() => null, undefined, 0],
    ] as const) {
      const source = {
        ...{ name: "broken", residue: [] },
        async read(_: string, { land }: ReadContext): Promise<SecretRecord> {
          land(8, (page) => void page.fill(1));
          const record = await given();
          return (record && { destroy: () => undefined, ...record }) as never;
        },
      };
      const opened = rotatingBy(new FakeClock())(secrets, source, "reference");
      const error = await opened.then(fail, (reason) => reason);
      expect(error.code).toBe(code);
      expect(secrets.stats.live).toBe(own); // what the test itself made
      secrets.purge();
    }
  });
});

const FORMAT = "ERR_LETHE_SOURCE_FORMAT";

describe("a purge", () => {
  it("ends what serves, also by a user of it, until it is asked to read", async () => {
    const stage = new Stage();
    const rotating = await stage.start(MINUTE, { pollEvery: 1000 });
    stage.secrets.purge();
    expect(codeOf(() => version(rotating))).toBe("ERR_LETHE_DESTROYED");
    expect(rotating.state).toBe("purged");
    const { reads } = stage;
    await stage.advance(10 * MINUTE);
    await stage.notice();
    expect([stage.reads, stage.live]).toEqual([reads, 0]);
    const asked = rotating.refresh();
    await settle();
    stage.source.end = null;
    await stage.fail();
    await expect(asked).rejects.toMatchObject({ code: "ERR_LETHE_SOURCE_FAILED" });
    const again = rotating.refresh();
    await settle();
    await stage.answer();
    await again;
    expect(version(rotating)).toBe("2");
    rotating.use((current) => current.field("user").destroy());
    expect(rotating.state).toBe("purged");
    expect(stage.live).toBe(0);
  });

  it("is not undone by a read that was under way", async () => {
    for (const misuse of ["throw", "crash"] as const) {
      const stage = new Stage();
      Object.assign(stage, { secrets: openSecrets({ onMisuse: misuse }) });
      const rotating = await stage.start(null);
      await stage.notice();
      stage.secrets.purge();
      await stage.answer();
      expect([rotating.state, stage.live]).toEqual(["purged", 0]);
    }
  });
});

describe("close", () => {
  it("ends reads and scopes to come, and those who wait", async () => {
    const stage = new Stage();
    const rotating = await stage.start(MINUTE);
    await stage.rotate(MINUTE);
    const asked = rotating.refresh();
    asked.catch(() => undefined);
    await settle();
    const [read] = stage.source.pending;
    rotating.close();
    rotating.close();
    await expect(asked).rejects.toMatchObject({ code: "ERR_LETHE_DESTROYED" });
    await expect(rotating.refresh()).rejects.toMatchObject({ code: "ERR_LETHE_DESTROYED" });
    expect(codeOf(() => version(rotating))).toBe("ERR_LETHE_DESTROYED");
    expect([read?.signal?.aborted, stage.source.onChange]).toEqual([true, null]);
    read?.answer();
    await settle();
    expect([stage.live, stage.clock.timers, rotating.state]).toEqual([0, 0, "closed"]);
    expect(String(rotating)).toBe("RotatingSecret(closed, redacted)");
  });

  it("comes with an error at the first read, which is the source's own", async () => {
    const stage = new Stage();
    const opened = rotatingBy(stage.clock)(stage.secrets, stage.source, "reference");
    opened.catch(() => undefined);
    await settle();
    await stage.fail();
    await expect(opened).rejects.toMatchObject({ code: "ERR_LETHE_SOURCE_FAILED" });
    expect([stage.clock.timers, stage.source.onChange]).toEqual([0, null]);
  });
});
