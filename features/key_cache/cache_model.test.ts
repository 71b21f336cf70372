import fc from "fast-check";
import { it } from "vitest";
import { CacheModel, type CacheStep } from "../../testing/features/key_cache/cache_model.ts";
import { SOAK } from "../../testing/tier.ts";

const WEIGHTS: Readonly<Record<CacheStep["what"], number>> = {
  ask: 100,
  "ask without room": 8,
  answer: 60,
  refuse: 6,
  fail: 6,
  advance: 30,
  "set the time": 8,
  purge: 4,
  close: 1,
};

const STEP: fc.Arbitrary<CacheStep> = fc.oneof(
  ...Object.entries(WEIGHTS).map(([what, weight]) => ({
    weight,
    arbitrary: fc.record({
      what: fc.constant(what as CacheStep["what"]),
      pick: fc.nat({ max: 100_000 }),
    }),
  })),
);

const LIMITS = fc.record({
  maxAge: fc.integer({ min: 1, max: 2000 }),
  uses: fc.integer({ min: 1, max: 5 }),
  entries: fc.integer({ min: 1, max: 3 }),
});

it("CACHE-1 to CACHE-6: does what the reference does, in whatever order", {
  timeout: 900_000,
}, async () => {
  const property = fc.asyncProperty(LIMITS, fc.array(STEP, { maxLength: 60 }), (limits, steps) =>
    new CacheModel(limits).run(steps),
  );
  await fc.assert(property, { numRuns: SOAK ? 20_000 : 25 });
});
