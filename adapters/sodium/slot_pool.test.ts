import process from "node:process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LetheError, type Region } from "../../core/mod.ts";
import { SodiumMemory } from "./sodium_memory.ts";
import { FakeMachine, PAGE } from "./testdata/fake_machine.ts";

const open = (machine: FakeMachine): SodiumMemory =>
  new SodiumMemory(machine.sodium, machine.kernel, "not found");

/** Fills a region and closes it, as a secret does. */
function fill(region: Region, byte: number): void {
  region.protect("read-write");
  region.view().fill(byte);
  region.detach();
  region.protect("no-access");
}

function bytesOf(region: Region): Uint8Array {
  region.protect("read-only");
  const copy = region.view().slice();
  region.detach();
  region.protect("no-access");
  return copy;
}

function destroy(region: Region): void {
  region.protect("read-write");
  region.wipe();
  region.detach();
  region.protect("no-access");
  region.release();
}

/** The pages below an open region. */
function pagesOf(machine: FakeMachine, region: Region) {
  region.protect("read-only");
  const pages = machine.pagesOf(region.view().buffer);
  region.detach();
  region.protect("no-access");
  return pages;
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof LetheError) return error.code;
    throw error;
  }
  return "none";
}

describe("a region", () => {
  const sizes = [
    1,
    15,
    16,
    17,
    32,
    64,
    65,
    4063,
    4064,
    4065,
    8159,
    8160,
    8161,
    2 ** 20 - 1,
    2 ** 20,
  ];
  test.each([...sizes, 2 ** 20 + 1])(
    "of %i bytes is zero, closed, and flush against its guard",
    (byteLength) => {
      const machine = new FakeMachine();
      const region = open(machine).allocate(byteLength);
      expect(region.byteLength).toBe(byteLength);
      expect(machine.live.every(({ permissions }) => permissions === "---p")).toBe(true);
      region.protect("read-only");
      const view = region.view();
      expect(view.every((byte) => byte === 0)).toBe(true);
      expect(view.byteOffset + view.byteLength).toBe(view.buffer.byteLength);
      expect((view.buffer.byteLength + 16) % PAGE).toBe(0);
      expect(region.view()).toBe(view);
      region.detach();
      expect([view.byteLength, view.buffer.byteLength]).toEqual([0, 0]);
    },
  );

  test("is reused, zero whatever was in it before", () => {
    const machine = new FakeMachine();
    const memory = open(machine);
    for (let round = 0; round < 1000; round++) {
      const region = memory.allocate(1 + (round % 4064));
      expect(bytesOf(region).every((byte) => byte === 0)).toBe(true);
      fill(region, 0xa5);
      destroy(region);
    }
    expect(machine.pages.length).toBe(4);
  });

  test("lies zero in its pages once it is wiped, slack and canary too", () => {
    const machine = new FakeMachine();
    const region = open(machine).allocate(32);
    fill(region, 0xa5);
    const pages = pagesOf(machine, region);
    destroy(region);
    expect(new Uint8Array(pages.buffer).every((byte) => byte === 0)).toBe(true);
    expect(pages.permissions).toBe("---p");
  });

  // Offsets from the first byte of the data. Below -16 lies the slack, between them the canary.
  test.each([-1, -8, -16, -17, -100, -4048])("finds a byte that changed at %i", (offset) => {
    const machine = new FakeMachine();
    const memory = open(machine);
    const region = memory.allocate(32);
    region.protect("read-write");
    const { buffer, byteOffset } = region.view();
    const all = new Uint8Array(buffer);
    all[byteOffset + offset] = (all[byteOffset + offset] as number) ^ 1;
    expect(codeOf(() => destroy(region))).toBe("ERR_LETHE_CANARY");
    const next = memory.allocate(32);
    expect(bytesOf(next).every((byte) => byte === 0)).toBe(true);
    destroy(next);
  });

  test("that is released before its use leaves no canary to the next", () => {
    const memory = open(new FakeMachine());
    memory.allocate(32).release();
    for (const byteLength of [33, 64, 4064]) destroy(memory.allocate(byteLength));
  });

  test("that was written to after its wipe is wiped again on release", () => {
    const memory = open(new FakeMachine());
    const region = memory.allocate(32);
    region.protect("read-write");
    region.wipe();
    fill(region, 0xa5);
    region.release();
    expect(bytesOf(memory.allocate(64)).every((byte) => byte === 0)).toBe(true);
  });

  test("that cannot be wiped on release is lent to nobody", () => {
    const machine = new FakeMachine();
    const memory = open(machine);
    const region = memory.allocate(32);
    fill(region, 0xa5);
    machine.failing = -1;
    expect(codeOf(() => region.release())).toBe("ERR_LETHE_PROTECT");
    machine.failing = 0;
    const dirty = machine.live.filter(({ buffer }) => new Uint8Array(buffer).includes(0xa5));
    const others = Array.from({ length: 20 }, () => memory.allocate(32));
    expect(others.map((other) => pagesOf(machine, other))).not.toContain(dirty[0]);
  });

  test("whose buffer was transferred away fails by a typed error, not by an abort", () => {
    const region = open(new FakeMachine()).allocate(32);
    region.protect("read-only");
    ArrayBuffer.prototype.transfer.call(region.view().buffer);
    region.detach();
    expect(codeOf(() => region.protect("no-access"))).toBe("ERR_LETHE_PROTECT");
    expect(codeOf(() => region.release())).toBe("ERR_LETHE_PROTECT");
  });
});

describe("the tables", () => {
  test("say what the kernel says of each slot", () => {
    const machine = new FakeMachine();
    machine.lockable = 16 * PAGE;
    const memory = open(machine);
    const regions = Array.from({ length: 40 }, () => memory.allocate(32));
    for (const region of regions) {
      expect(region.guarantees.locked.verified).toBe(pagesOf(machine, region).locked);
    }
    expect(regions.filter(({ guarantees }) => guarantees.locked.verified).length).toBe(16);
    expect(new Set(regions.map(({ guarantees }) => guarantees)).size).toBe(2);
  });

  test("follow each slot in its guards and in its absence from dumps", () => {
    const machine = new FakeMachine();
    const memory = open(machine);
    expect(memory.guarantees["guard-pages"].verified).toBe(true);
    for (let count = 0; count < 4; count++) memory.allocate(32);
    machine.guards = false;
    machine.dumpable = true;
    const { guarantees } = memory.allocate(32);
    expect(guarantees["guard-pages"].level).toBe("none");
    expect(guarantees["no-dump"].level).toBe("none");
    expect(guarantees.locked.verified).toBe(true);
  });

  test("verify nothing about a slot that the kernel does not list", () => {
    const machine = new FakeMachine();
    const kernel = { ...machine.kernel, smaps: () => [] };
    const memory = new SodiumMemory(machine.sodium, kernel, "not listed");
    for (const { verified } of Object.values(memory.allocate(32).guarantees)) {
      expect(verified).toBe(false);
    }
    expect(memory.guarantees.locked.level).toBe("best-effort");
  });

  test("see it when protections have no effect", () => {
    const machine = new FakeMachine();
    const kernel = {
      ...machine.kernel,
      *maps() {
        for (const mapping of machine.kernel.maps()) yield { ...mapping, permissions: "rw-p" };
      },
    };
    const { guarantees } = new SodiumMemory(machine.sodium, kernel, "");
    expect(guarantees["access-trap"].level).toBe("none");
    expect(guarantees["write-trap"].level).toBe("none");
  });
});

describe("the budget", () => {
  test("refuses while a fifth of the mappings is left", () => {
    const machine = new FakeMachine();
    machine.maxMapCount = 2000;
    const memory = open(machine);
    const regions: Region[] = [];
    expect(
      codeOf(() => {
        for (;;) regions.push(memory.allocate(32));
      }),
    ).toBe("ERR_LETHE_EXHAUSTED");
    expect(regions.length).toBe((1600 - machine.others) / 4);
    for (const region of regions) destroy(region);
    destroy(memory.allocate(32));
  });

  test("sees what the rest of the process maps meanwhile", () => {
    const machine = new FakeMachine();
    const memory = open(machine);
    for (let count = 0; count < 4; count++) memory.allocate(32);
    machine.others = 0.8 * machine.maxMapCount - machine.pages.length * 4;
    expect(codeOf(() => memory.allocate(32))).toBe("ERR_LETHE_EXHAUSTED");
  });

  test("leaves half of the memory, and makes fewer slots rather than none", () => {
    const machine = new FakeMachine();
    const memory = open(machine);
    machine.room = 2 ** 30;
    expect(codeOf(() => memory.allocate(2 ** 31 - 1))).toBe("ERR_LETHE_EXHAUSTED");
    expect(codeOf(() => memory.allocate(2 ** 29))).toBe("ERR_LETHE_EXHAUSTED");
    expect(memory.allocate(2 ** 20).byteLength).toBe(2 ** 20);
    machine.room = 2 ** 20 + 5 * PAGE;
    for (let count = 0; count < 5; count++) memory.allocate(32);
    machine.room = 2 ** 20;
    expect(codeOf(() => memory.allocate(8000))).toBe("ERR_LETHE_EXHAUSTED");
  });

  test("goes by its own count where nobody can be asked", () => {
    const machine = new FakeMachine();
    const memory = new SodiumMemory(machine.sodium, null, "no /proc");
    let count = 0;
    const code = codeOf(() => {
      for (; count < 20_000; count++) memory.allocate(1);
    });
    expect([code, count]).toEqual(
      process.platform === "linux" ? ["ERR_LETHE_EXHAUSTED", 13_106] : ["none", 20_000],
    );
  });

  test("gives back what stays idle, and nothing that is in use", async () => {
    const machine = new FakeMachine();
    const memory = open(machine);
    const regions = Array.from({ length: 600 }, () => memory.allocate(32));
    const kept = regions.splice(0, 10);
    for (const region of kept) fill(region, 0xa5);
    for (const region of regions) destroy(region);
    await expect.poll(() => machine.live.length, { timeout: 5000 }).toBeLessThan(110);
    machine.turn();
    expect(machine.live.length).toBeGreaterThanOrEqual(10);
    for (const region of kept) expect(bytesOf(region).every((byte) => byte === 0xa5)).toBe(true);
  });
});

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
  test("each call fails in turn: a typed error or an honest table, and nothing is lost", () => {
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
      const small = machine.live.filter(({ start, end }) => end - start === PAGE).length;
      const again = Array.from({ length: small }, () => opened.allocate(32));
      expect(machine.live.filter(({ start, end }) => end - start === PAGE).length).toBe(small);
      expect(again.every(({ guarantees }) => guarantees.locked.verified)).toBe(true);
    }
  });

  test("while /proc does not answer nothing is claimed; later the same slots are asked about", () => {
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

  test("a model: regions keep their bytes and share none, whatever fails", () => {
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
