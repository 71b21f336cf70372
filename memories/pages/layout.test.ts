import fc from "fast-check";
import { expect, it } from "vitest";
import {
  CANARY_LENGTH,
  pagesFor,
  place,
  reservationLength,
  slotOffset,
  slotsFor,
} from "./layout.ts";

const byteLength = fc.oneof(
  fc.integer({ min: 1, max: 70_000 }),
  fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  fc.constantFrom(1, 4079, 4080, 4081, 4095, 4096, 4097, 8192, 16384, 65536),
);
const pageSize = fc.constantFrom(4096, 16384, 65536);

it("data is flush against the trailing guard, with the whole canary before it", () => {
  fc.assert(
    fc.property(byteLength, pageSize, (length, page) => {
      const slot = pagesFor(length, page) * page;
      const { canary, data } = place(length, slot);
      expect(data + length).toBe(slot);
      expect(canary + CANARY_LENGTH).toBe(data);
      expect(canary).toBeGreaterThanOrEqual(0);
    }),
  );
});

it("an exact multiple of the page takes one page more, for the canary", () => {
  expect(pagesFor(4080, 4096)).toBe(1);
  expect(pagesFor(4081, 4096)).toBe(2);
  expect(pagesFor(4096, 4096)).toBe(2);
  expect(pagesFor(8192, 4096)).toBe(3);
  expect(pagesFor(16384, 16384)).toBe(2);
});

it("up to eight pages nothing is rounded, and above them to four steps per doubling", () => {
  const sizes = [1, 7, 8, 9, 10, 11, 16, 17, 20, 21, 32, 33];
  const pages = sizes.map((exact) => pagesFor(exact * 4096 - CANARY_LENGTH, 4096));
  expect(pages).toEqual([1, 7, 8, 10, 10, 12, 16, 20, 20, 24, 32, 40]);
});

it("rounding up wastes at most a fifth of a slot, and never falls with the length", () => {
  fc.assert(
    fc.property(byteLength, pageSize, (length, page) => {
      const exact = Math.ceil((length + CANARY_LENGTH) / page);
      const pages = pagesFor(length, page);
      expect(pages).toBeGreaterThanOrEqual(exact);
      expect(pages - exact).toBeLessThanOrEqual(pages / 5);
      expect(pagesFor(length + page, page)).toBeGreaterThanOrEqual(pages);
    }),
  );
});

it("every slot of a reservation has a guard page of its own or shared on both sides", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), pageSize, (pages, page) => {
      const count = slotsFor(pages, page);
      let end = 0;
      for (let index = 0; index < count; index++) {
        expect(slotOffset(index, pages, page)).toBe(end + page);
        end = slotOffset(index, pages, page) + pages * page;
      }
      expect(reservationLength(count, pages, page)).toBe(end + page);
    }),
  );
});
