import "../../testing/core/follow_transfers.ts"; // first: see there

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Region } from "../../core/mod.ts";
import { FakeMachine, type FakePages, PAGE } from "../../testing/memories/sodium/fake_machine.ts";
import {
  bytesOf,
  codeOf,
  destroy,
  fill,
  open,
  pagesOf,
} from "../../testing/memories/sodium/lives.ts";
import { SodiumMemory } from "./sodium_memory.ts";

/** A short life with all calls in it. Gives back what it made. */
function scenario(memory: SodiumMemory): Region[] {
  const regions: Region[] = [];
  for (const byteLength of [32, 5000, 32, 32, 32, 32]) {
    codeOf(() => {
      const region = memory.allocate(byteLength);
      regions.push(region);
      fill(region, 0xa5);
    });
  }
  const [first] = regions.splice(0, 1);
  if (first !== undefined && codeOf(() => destroy(first)) === "ERR_LETHE_PROTECT")
    regions.push(first);
  return regions;
}

describe("faults", () => {
  it("each call fails in turn: a typed error or an honest table, and nothing is lost", () => {
    const counting = new FakeMachine();
    scenario(open(counting));
    expect(counting.calls).toBeGreaterThan(50);
    for (let failing = 1; failing <= counting.calls; failing++) {
      const machine = new FakeMachine();
      machine.failing = failing;
      let memory: SodiumMemory | null = null;
      codeOf(() => {
        memory = open(machine);
      });
      if (memory === null) continue;
      const opened: SodiumMemory = memory;
      const regions = scenario(opened);
      machine.failing = 0;
      for (const region of regions) {
        const { locked, notDumped } = pagesOf(machine, region);
        if (region.guarantees.locked.verified) expect(locked).toBe(true);
        if (region.guarantees["no-dump"].verified) expect(notDumped).toBe(true);
        destroy(region);
      }
      expect(
        machine.live.every(({ buffer }) => new Uint8Array(buffer).every((byte) => byte === 0)),
      ).toBe(true);
      const small = (): FakePages[] =>
        machine.live.filter(({ start, end }) => end - start === PAGE);
      const { length } = small();
      const again = Array.from({ length }, () => opened.allocate(32));
      expect(small().length).toBe(length);
      expect(small().every(({ permissions }) => permissions === "---p")).toBe(true);
      expect(again.every(({ guarantees }) => guarantees.locked.verified)).toBe(true);
    }
  });

  it("while /proc does not answer nothing is claimed; later the same slots are asked about", () => {
    const machine = new FakeMachine();
    let mute = false;
    const smaps = () => {
      if (mute) throw new Error("EMFILE");
      return machine.kernel.smaps();
    };
    const memory = new SodiumMemory(machine.sodium, { ...machine.kernel, smaps }, "");
    for (let count = 0; count < 4; count++) memory.allocate(32);
    mute = true;
    const region = memory.allocate(32);
    expect(region.guarantees.locked.verified).toBe(false);
    destroy(region);
    mute = false;
    expect(memory.allocate(32).guarantees.locked.verified).toBe(true);
  });

  it("a model: regions keep their bytes and share none, whatever fails", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("allocate"), byteLength: fc.integer({ min: 1, max: 9000 }) }),
      fc.record({ kind: fc.constant("destroy"), index: fc.nat() }),
      fc.record({ kind: fc.constant("fail"), call: fc.integer({ min: 0, max: 12 }) }),
      fc.record({ kind: fc.constant("turn") }),
      fc.record({ kind: fc.constant("lock"), pages: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ kind: fc.constant("map"), others: fc.integer({ min: 200, max: 620 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const machine = new FakeMachine();
        machine.maxMapCount = 800;
        const memory = open(machine);
        const model = new Map<Region, number>();
        let byte = 0;
        for (const step of steps) {
          if ("byteLength" in step) {
            codeOf(() => {
              const region = memory.allocate(step.byteLength);
              const { failing } = machine;
              machine.failing = 0;
              expect(bytesOf(region).every((seen) => seen === 0)).toBe(true);
              expect(region.guarantees.locked.verified && !pagesOf(machine, region).locked).toBe(
                false,
              );
              byte = (byte % 255) + 1;
              fill(region, byte);
              model.set(region, byte);
              machine.failing = failing;
            });
          } else if ("index" in step && model.size > 0) {
            const region = [...model.keys()][step.index % model.size] as Region;
            const { failing } = machine;
            if (codeOf(() => destroy(region)) !== "none") {
              machine.failing = 0;
              destroy(region);
              machine.failing = failing;
            }
            model.delete(region);
          } else if ("call" in step) machine.failing = step.call;
          else if ("pages" in step) machine.lockable = step.pages * PAGE;
          else if ("others" in step) machine.others = step.others;
          else machine.turn();
          expect(machine.mapCount - machine.others).toBeLessThanOrEqual(640);
        }
        machine.failing = 0;
        for (const [region, value] of model) {
          expect(bytesOf(region).every((seen) => seen === value)).toBe(true);
        }
        const below = [...model.keys()].map((region) => pagesOf(machine, region));
        expect(new Set(below).size).toBe(model.size);
      }),
      { numRuns: 200 },
    );
  });
});
