import { describe, expect, it } from "vitest";
import { LetheError } from "../../core/mod.ts";
import { settle } from "../../testing/features/rotation/fake_clock.ts";
import { MINUTE, Stage } from "../../testing/features/rotation/stage.ts";
import { rotatingBy } from "./rotating.ts";
import type { RotatingSecret } from "./rotating_secret.ts";
import type { WatchSecret } from "./watching.ts";

describe("a watch that does not begin", () => {
  it("WATCH-1 holds the first read up for a second at most, or for half of its time", async () => {
    for (const [timeout, patience] of [
      [undefined, 1000],
      [600, 300],
    ] as const) {
      const { stage, opened } = await begin(NEVER, timeout);
      await stage.advance(patience - 1);
      expect(stage.reads).toBe(0);
      await stage.advance(1);
      expect(stage.reads).toBe(1);
      await stage.answer();
      (await opened).close();
      expect(stage.clock.timers).toBe(0);
    }
  });

  it("WATCH-1 WATCH-2 has failed after timeout, says so once, and leaves polls that try it again", async () => {
    const began: { readonly aborted: boolean }[] = [];
    const { stage, opened } = await begin((_, signal) => {
      began.push(signal);
      return new Promise(() => undefined);
    }, 10_000);
    await stage.pass(2000);
    const rotating = await opened;
    await stage.pass(7000);
    expect(began.map(({ aborted }) => aborted)).toEqual([false]);
    await stage.pass(2000);
    expect(began.map(({ aborted }) => aborted)).toEqual([true]);
    const told = { kind: "watch-ended", code: "ERR_LETHE_SOURCE_TIMEOUT", pollEvery: MINUTE };
    expect(stage.events).toEqual([told]);
    stage.store(null);
    await stage.pass(2 * MINUTE);
    expect([rotating.version, stage.reads, began.length]).toEqual(["2", 3, 3]);
    expect(stage.events).toEqual([told]);
    rotating.close();
    expect([stage.clock.timers, began.every(({ aborted }) => aborted)]).toEqual([0, true]);
  });

  it("WATCH-2 leaves polls where it fails after the read that waited for it", async () => {
    const gate = Promise.withResolvers<void>();
    const { stage, opened } = await begin(() => gate.promise, 1000);
    await stage.advance(500);
    await stage.answer();
    const rotating = await opened;
    gate.reject(new LetheError("ERR_LETHE_SOURCE_UNAVAILABLE", "no"));
    await settle();
    expect(stage.events).toMatchObject([{ code: "ERR_LETHE_SOURCE_UNAVAILABLE" }]);
    stage.store(null);
    await stage.pass(MINUTE + 1000);
    expect(rotating.version).toBe("2");
  });

  it("WATCH-3 is followed by a read where it begins after all, and by no poll then", async () => {
    const gate = Promise.withResolvers<void>();
    const { stage, opened } = await begin(() => gate.promise, 10_000);
    await stage.pass(2000);
    const rotating = await opened;
    stage.store(null); // nobody sees it
    gate.resolve();
    await settle();
    await stage.pass(1000);
    expect([rotating.version, stage.reads]).toEqual(["2", 2]);
    await stage.pass(10 * MINUTE);
    expect([stage.reads, stage.events]).toEqual([2, []]);
  });

  it("is ended with a read that nobody answers, and a rotation that was closed reads nothing", async () => {
    let signal: { readonly aborted: boolean } | undefined;
    const { stage, opened } = await begin((_, given) => {
      signal = given;
      return new Promise(() => undefined);
    });
    const failed = expect(opened).rejects.toMatchObject({ code: "ERR_LETHE_SOURCE_TIMEOUT" });
    await stage.advance(MINUTE);
    await failed;
    expect([stage.reads, stage.clock.timers, signal?.aborted]).toEqual([1, 0, true]);
  });

  it("keeps no read for later that was ended while it waited", async () => {
    const stage = new Stage();
    const rotating = await stage.start(null, { watch: failingThenSilent() });
    void rotating.refresh().catch(() => undefined);
    await settle();
    rotating.close();
    await stage.advance(2000);
    expect([stage.reads, stage.clock.timers]).toEqual([1, 0]);
  });
});

describe("a watch that begins and ends", () => {
  it("WATCH-4 is begun again at once, and by polls alone where it ends soon again", async () => {
    const { begun, stage, opened } = await beginEndingAfter(0);
    const rotating = await opened;
    await stage.pass(10_000);
    expect([begun(), stage.reads]).toEqual([2, 3]); // each end is followed by a read
    stage.store(null);
    await stage.pass(MINUTE);
    expect([begun(), stage.reads, rotating.version]).toEqual([3, 5, "2"]);
    expect(stage.events).toMatchObject(Array(3).fill({ code: GONE, pollEvery: MINUTE }));
    rotating.close();
    expect(stage.clock.timers).toBe(0);
  });

  it("WATCH-4 waits for no poll where it has seen changes for a second", async () => {
    const { begun, stage, opened } = await beginEndingAfter(1000);
    const rotating = await opened;
    await stage.pass(20_000);
    expect(begun()).toBeGreaterThan(8);
    rotating.close();
  });
});

const GONE = "ERR_LETHE_SOURCE_UNAVAILABLE";

/** A rotation whose watch always begins, and ends after so many milliseconds. */
async function beginEndingAfter(milliseconds: number) {
  const stage = new Stage();
  let begun = 0;
  const watch: WatchSecret = async (onChange) => {
    begun += 1;
    stage.clock.later(() => onChange(new LetheError(GONE, "no")), milliseconds);
  };
  const { opened } = await begin(watch, undefined, stage);
  await stage.pass(1000);
  return { begun: () => begun, stage, opened };
}

const NEVER: WatchSecret = () => new Promise(() => undefined);

/** A rotation that has one version to read, and what it says of its watch. */
async function begin(
  watch: WatchSecret,
  timeout?: number,
  stage: Stage = new Stage(),
): Promise<{ readonly stage: Stage; readonly opened: Promise<RotatingSecret> }> {
  const options = { watch, ...(timeout === undefined ? {} : { timeout }) };
  const opened = rotatingBy(stage.clock)(stage.secrets, stage.source, "reference", {
    ...options,
    onEvent: (event) => void (event.kind === "watch-ended" && stage.events.push(event)),
  });
  await settle();
  return { stage, opened };
}

/** A watch that cannot be seen at first, and then says nothing. */
function failingThenSilent(): WatchSecret {
  let calls = 0;
  return (onChange, signal) =>
    calls++ === 0 ? Promise.reject(new Error("no")) : NEVER(onChange, signal);
}
