import type { Region } from "../../core/mod.ts";
import { check, same, sameBytes, zero } from "../check.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { end, MORE_SIZES, SIZES, sample, within, withRegion } from "./samples.ts";

/** What a memory and its regions owe to the lifecycle, asked of them directly. */
export const PORT: readonly ConformanceCase[] = [
  {
    id: "M1",
    title: "a new region is all zero, also where an ended one lay",
    run({ memory }) {
      for (const size of [...MORE_SIZES, ...MORE_SIZES]) {
        withRegion(memory, size, (region) => {
          within(region, "read-only", (bytes) => zero(bytes, `a new region of ${size} bytes`));
          within(region, "read-write", (bytes) => bytes.fill(0xff));
        });
      }
    },
  },
  {
    id: "M10",
    title: "a region and its view have the length that was asked for, over a fixed ArrayBuffer",
    run({ memory }) {
      for (const size of MORE_SIZES) {
        withRegion(memory, size, (region) => {
          same(region.byteLength, size, "byteLength of the region");
          within(region, "read-only", (bytes) => {
            check(
              Object.getPrototypeOf(bytes) === Uint8Array.prototype,
              "view is not a Uint8Array",
            );
            same(bytes.byteLength, size, "byteLength of the view");
            check(bytes.buffer instanceof ArrayBuffer, "the view's buffer is not an ArrayBuffer");
            check(!bytes.buffer.resizable, "the view's buffer is resizable");
          });
        });
      }
    },
  },
  {
    id: "M11",
    rests: ["M10"],
    title: "the bytes stay through `detach` and every change of protection",
    run({ memory }) {
      for (const size of MORE_SIZES) {
        withRegion(memory, size, (region) => {
          within(region, "read-write", (bytes) => bytes.set(sample(size)));
          for (const protection of ["read-only", "read-write", "read-only"] as const) {
            within(region, protection, (bytes) =>
              sameBytes(bytes, sample(size), `a region of ${size} bytes`),
            );
          }
        });
      }
    },
  },
  {
    id: "M3",
    title: "no region shares a byte with another live one",
    rests: ["M10", "M11"],
    run({ memory, saw }) {
      const sizes = Array.from({ length: 96 }, (_, index) => SIZES[index % 8] as number);
      const regions = sizes.map((size) => memory.allocate(size));
      const live = new Set(regions);
      const endAll = (parity?: number): void =>
        regions.forEach((region, index) => {
          if (index % 2 === parity || !live.delete(region)) return;
          end(region);
        });
      const compare = (parity: number): void =>
        regions.forEach((region, index) => {
          if (index % 2 !== parity) return;
          const what = `region ${index} of ${regions.length}`;
          const expected = sample(region.byteLength, index);
          within(region, "read-only", (bytes) => sameBytes(bytes, expected, what));
        });
      try {
        regions.forEach((region, index) => {
          within(region, "read-write", (bytes) => bytes.set(sample(bytes.length, index)));
        });
        compare(0);
        compare(1);
        compareOpen(regions, () => compare(1));
        endAll(1);
        compare(1);
      } finally {
        endAll();
      }
      saw(
        `${regions.length} live regions, each written and compared, half of them open, then ended between`,
      );
    },
  },
  {
    id: "M5",
    title: "`view` gives the same object until `detach`",
    run({ memory, saw }) {
      withRegion(memory, 32, (region) => {
        region.protect("read-only");
        const view = region.view();
        check(region.view() === view, "a second view is another object");
        region.protect("read-write");
        check(region.view() === view, "the view is another object after the protection changed");
        region.detach();
        saw("one object from three calls of view, also after the protection changed");
      });
    },
  },
  {
    id: "M6",
    title: "after `detach` every view that was handed out, and its buffer, has length 0",
    run({ memory }) {
      for (const size of SIZES) {
        withRegion(memory, size, (region) => {
          region.protect("read-write");
          const bytes = region.view();
          const { buffer } = bytes;
          const derived = [bytes, bytes.subarray(0), new Uint8Array(buffer), new DataView(buffer)];
          region.detach();
          region.protect("no-access");
          same(buffer.byteLength, 0, `length of the buffer of ${size} bytes`);
          for (const view of derived) same(lengthOf(view), 0, `length of a view of ${size} bytes`);
        });
      }
    },
  },
  {
    id: "M7",
    title: "after `wipe` each byte is zero, at once, with a view handed out and without",
    run({ memory }) {
      for (const size of MORE_SIZES) {
        for (const lent of [true, false]) {
          withRegion(memory, size, (region) => {
            region.protect("read-write");
            const bytes = region.view();
            bytes.set(sample(size));
            if (!lent) region.detach();
            region.wipe();
            const wiped = lent ? bytes : region.view();
            same(wiped.length, region.byteLength, "length of a view after `wipe`"); // an empty one shows nothing
            zero(wiped, `a wiped region of ${size} bytes`);
            region.detach();
          });
        }
      }
    },
  },
];

/** Every other region is open while `use` opens and closes its neighbours. */
function compareOpen(regions: readonly Region[], use: () => void): void {
  const open = regions.filter((_, index) => index % 2 === 0);
  const views = open.map((region) => {
    region.protect("read-only");
    return region.view();
  });
  use();
  views.forEach((bytes, at) => {
    const what = `region ${2 * at} of ${regions.length}, open while its neighbours were closed,`;
    sameBytes(bytes, sample(regions[2 * at]?.byteLength ?? 0, 2 * at), what);
  });
  for (const region of open) {
    region.detach();
    region.protect("no-access");
  }
}

/** A DataView over a detached buffer has no length to ask for. */
function lengthOf(view: Uint8Array | DataView): number {
  try {
    return view.byteLength;
  } catch {
    return 0;
  }
}
