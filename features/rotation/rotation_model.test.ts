import fc from "fast-check";
import { it } from "vitest";
import { type Happening, World } from "../../testing/features/rotation/world.ts";
import { SOAK } from "../../testing/tier.ts";

const WEIGHTS: Readonly<Record<Happening["what"], number>> = {
  advance: 6,
  jump: 2,
  store: 3,
  renew: 1,
  land: 1,
  answer: 7,
  fail: 2,
  notice: 2,
  open: 4,
  end: 3,
  ask: 2,
  purge: 0.2,
  close: 0.2,
};

const HAPPENING: fc.Arbitrary<Happening> = fc.oneof(
  ...Object.entries(WEIGHTS).map(([what, weight]) => ({
    weight: Math.round(weight * 10),
    arbitrary: fc.record({
      what: fc.constant(what as Happening["what"]),
      by: fc.integer({ min: 0, max: 20_000 }),
    }),
  })),
);

it("keeps its promises whatever happens, in whatever order", { timeout: 600_000 }, async () => {
  const history = fc.array(HAPPENING, { maxLength: 40 });
  const randoms = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), {
    minLength: 1,
    maxLength: 8,
  });
  const property = fc.asyncProperty(history, randoms, async (happenings, draws) => {
    const world = new World(draws);
    await world.start();
    for (const happening of happenings) await world.happen(happening);
    await world.recover();
    await world.stop();
  });
  await fc.assert(property, { numRuns: SOAK ? 20_000 : 100 });
});
