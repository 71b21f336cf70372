import fc from "fast-check";
import { expect, it } from "vitest";
import { Meter } from "./meter.ts";

it("METER-1, METER-2: the process stays below the limit by the reserve, whatever else it uses", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.record({ take: fc.boolean(), amount: fc.integer({ min: 1, max: 400 }) })),
      (limit, smallest, steps) => {
        let used = 0;
        const held: number[] = [];
        const meter = new Meter(() => ({ limit, used }), smallest);
        for (const { take, amount } of steps) {
          if (take && meter.take(amount)) {
            used += amount;
            held.push(amount);
          } else if (!take && held.length > 0) {
            const back = held.pop() ?? 0;
            used -= back;
            meter.give(back);
          }
          if (held.length > 0) expect(used).toBeLessThanOrEqual(limit - meter.reserve(limit));
        }
      },
    ),
  );
});

it("everything but the reserve can be taken", () => {
  let used = 0;
  const meter = new Meter(() => ({ limit: 65536, used }), 4096);
  while (meter.take(4096)) used += 4096;
  expect(used).toBe(61440);
  expect(meter.room()).toBe(0);
  meter.give(4096);
  expect(meter.take(4096)).toBe(true);
});

it("METER-3: the system is read seldom", () => {
  let reads = 0;
  let used = 0;
  const read = () => {
    reads++;
    return { limit: 65530, used };
  };
  const meter = new Meter(read, 1024);
  while (meter.take(2)) used += 2;
  expect(used).toBeGreaterThan(61_000);
  expect(reads).toBeLessThan(20);
});

it("no limit, no readings worth speaking of", () => {
  const meter = new Meter(() => ({ limit: Number.POSITIVE_INFINITY, used: 0 }), 4096);
  for (let i = 0; i < 100; i++) expect(meter.take(2 ** 30)).toBe(true);
  expect(meter.room()).toBe(Number.POSITIVE_INFINITY);
});
