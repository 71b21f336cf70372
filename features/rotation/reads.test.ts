import { describe, expect, it } from "vitest";
import { LetheError } from "../../core/mod.ts";
import { settle } from "../../testing/features/rotation/fake_clock.ts";
import { MINUTE, Stage, version } from "../../testing/features/rotation/stage.ts";

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

  it("comes earlier than its poll by chance, by as much of it as jitter says", async () => {
    for (const [jitter, draw, due] of [
      [0.2, 0, 10_000],
      [0.2, 0.999, 8002],
      [1, 0.5, 5000],
    ] as const) {
      const stage = new Stage(draw);
      await stage.start(null, { pollEvery: 10_000, jitter });
      await stage.advance(due - 1);
      expect(stage.reads).toBe(1);
      await stage.advance(2);
      expect(stage.reads).toBe(2);
    }
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
