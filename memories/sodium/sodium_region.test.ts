import "../../testing/core/follow_transfers.ts"; // first: see there

import { describe, expect, it } from "vitest";
import { FakeMachine, PAGE } from "../../testing/memories/sodium/fake_machine.ts";
import {
  bytesOf,
  codeOf,
  destroy,
  fill,
  open,
  pagesOf,
} from "../../testing/memories/sodium/lives.ts";

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
  it.each([...sizes, 2 ** 20 + 1])(
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

  it("is reused, zero whatever was in it before", () => {
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

  it("lies zero in its pages once it is wiped, slack and canary too", () => {
    const machine = new FakeMachine();
    const region = open(machine).allocate(32);
    fill(region, 0xa5);
    const pages = pagesOf(machine, region);
    destroy(region);
    expect(new Uint8Array(pages.buffer).every((byte) => byte === 0)).toBe(true);
    expect(pages.permissions).toBe("---p");
  });

  // Offsets from the first byte of the data. Below -16 lies the slack, between them the canary.
  it.each([-1, -8, -16, -17, -100, -4048])("finds a byte that changed at %i", (offset) => {
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

  it("that is released before its use leaves no canary to the next", () => {
    const memory = open(new FakeMachine());
    memory.allocate(32).release();
    const seen = memory.allocate(32);
    bytesOf(seen);
    seen.release();
    for (const byteLength of [33, 64, 4064]) destroy(memory.allocate(byteLength));
  });

  it("that was written to after its wipe is wiped again on release", () => {
    const memory = open(new FakeMachine());
    const region = memory.allocate(32);
    region.protect("read-write");
    region.wipe();
    fill(region, 0xa5);
    region.release();
    expect(bytesOf(memory.allocate(64)).every((byte) => byte === 0)).toBe(true);
  });

  it("that cannot be wiped on release is lent to nobody", () => {
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

  it("whose buffer was transferred away fails by a typed error, not by an abort", () => {
    const region = open(new FakeMachine()).allocate(32);
    region.protect("read-only");
    ArrayBuffer.prototype.transfer.call(region.view().buffer);
    region.detach();
    expect(codeOf(() => region.protect("no-access"))).toBe("ERR_LETHE_PROTECT");
    expect(codeOf(() => region.release())).toBe("ERR_LETHE_PROTECT");
  });
});
