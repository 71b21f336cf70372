import { describe, expect, it } from "vitest";
import { thrown } from "../../testing/core/samples.ts";
import { both, codeOf, MINUTE, Stage, version } from "../../testing/features/rotation/stage.ts";

describe("when a record expires", () => {
  it("is read again after two thirds of its time, and earlier by chance", async () => {
    for (const [jitter, draw, due] of [
      [0.2, 0, 40_000],
      [1, 0.5, 30_000],
    ] as const) {
      const stage = new Stage(draw);
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
