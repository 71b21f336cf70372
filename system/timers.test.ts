import process from "node:process";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as entry from "../adapters/node/mod.ts";
import { ANSWERS, USES } from "../testing/whole/uses_of_time.ts";

/** Taken before anything is faked: what hangs is noticed by a clock that goes on. */
const { setTimeout: real, clearTimeout: clear } = globalThis;

function inTime<T>(pending: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = real(() => reject(new Error("it hangs")), 20_000);
  });
  return Promise.race([pending, late]).finally(() => clear(timer));
}

describe.skipIf(process.platform !== "linux")("under the fake timers of vitest", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each(Object.entries(USES))("%s", async (name, use) => {
    expect(await inTime(use(entry))).toBe(ANSWERS[name]);
  });

  it("and these stand still meanwhile", async () => {
    let ran = false;
    setTimeout(() => {
      ran = true;
    }, 1);
    await new Promise((resolve) => real(resolve, 20));
    expect([ran, Date.now()]).toEqual([false, 0]);
  });
});
