import { describe, expect, it } from "vitest";
import { Slots, slotBytesFor } from "./slots.ts";

const LARGE = 2 ** 20;

function slabOf(slots: Slots, id: number): ArrayBuffer {
  return slots.sealed(id, LARGE).buffer;
}

describe("the slots", () => {
  it.each([32, LARGE])("overwrite what they held, %d bytes", (byteLength) => {
    const slots = new Slots(slotBytesFor(byteLength));
    const id = slots.take(byteLength);
    const sealed = slots.sealed(id, byteLength).fill(0xa5);
    expect(slots.give(id)).toBe(true);
    expect(sealed.every((byte) => byte === 0)).toBe(true);
  });

  it("name one use each", () => {
    const slots = new Slots(slotBytesFor(32));
    const seen = new Set<number>();
    for (let use = 0; use < 100; use++) {
      const id = slots.take(32);
      seen.add(id);
      slots.give(id);
      expect([slots.has(id), slots.give(id)]).toEqual([false, false]);
    }
    expect([seen.size, slots.end]).toEqual([100, 1]);
  });

  it("keep the bytes of one large slot for the next, until they are trimmed", () => {
    const slots = new Slots(slotBytesFor(LARGE));
    const [first, second] = [slots.take(LARGE), slots.take(LARGE)];
    const [one, other] = [slabOf(slots, first), slabOf(slots, second)];
    slots.give(first);
    slots.give(second);
    expect(slots.sealed.bind(slots, first, LARGE)).toThrow(RangeError);
    const again = slots.take(LARGE);
    expect(slabOf(slots, again)).toBe(other);
    slots.trim();
    expect(slabOf(slots, again)).toBe(other);
    const fresh = slots.take(LARGE);
    expect([one, other]).not.toContain(slabOf(slots, fresh));
    slots.give(fresh);
    slots.trim();
    expect(slots.sealed.bind(slots, fresh, LARGE)).toThrow(RangeError);
  });
});
