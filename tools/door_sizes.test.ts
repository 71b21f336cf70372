import { beforeAll, expect, it } from "vitest";
import { measureDoors, statedDoors } from "./door_sizes.ts";

/** Of what is stated, and the half of its last digit. */
const [SHARE, ROUNDING] = [0.05, 50];

let measured: Awaited<ReturnType<typeof measureDoors>>;
beforeAll(async () => {
  measured = await measureDoors();
}, 60_000);

it("each door costs in a bundle what docs/bundling.md says", () => {
  const stated = statedDoors();
  expect([...stated.keys()]).toEqual([...measured.keys()]);
  for (const [door, sizes] of measured) {
    for (const [at, bytes] of sizes.entries()) {
      const said = (stated.get(door)?.[at] ?? 0) * 1000;
      const message = `${door}: ${bytes} bytes; if it is worth that, run node tools/door_sizes.ts`;
      expect(Math.abs(bytes - said), message).toBeLessThanOrEqual(said * SHARE + ROUNDING);
    }
  }
});

it("a page pays for no feature that only servers have", () => {
  for (const door of ["key-files", "keyrings", "prompt", "custodian", "agent", "process"]) {
    expect(measured.get(`lethe/${door}`)?.[0], door).toBeLessThan(1024);
  }
});
