import type { Region, SecretMemory } from "../../core/mod.ts";
import { check, same, sameBytes, zero } from "../check.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { end, SIZES, sample, within, withRegion } from "./samples.ts";

/** What a memory owes that has more than the port asks for. One without the method owes nothing. */
export const OPTIONAL_METHODS: readonly ConformanceCase[] = [
  {
    id: "M12",
    title:
      "`protectAll` loses no byte, changes no region beside its list, and leaves each to `protect`",
    method: "protectAll",
    rests: ["M3", "M11"],
    run({ memory, saw }) {
      const protectAll = bound(memory, "protectAll");
      withRegions(memory, (regions) => {
        const listed = regions.filter((_, index) => index !== BETWEEN);
        const beside = regions[BETWEEN] as Region;
        beside.protect("read-write");
        const kept = beside.view();
        for (const protection of ["read-only", "read-write"] as const) {
          protectAll([...listed].reverse(), protection);
          for (const region of listed) holds(region.view(), regions.indexOf(region), protection);
          for (const region of listed) region.detach();
          protectAll(listed, "no-access");
          // Where pages are closed for real, a read of closed ones ends this process.
          holds(kept, BETWEEN, "beside the list");
          check(beside.view() === kept, "the view beside the list is another object");
          kept.set(sample(kept.length, BETWEEN));
        }
        beside.detach();
        beside.protect("no-access");
        protectAll([], "no-access");
        protectAll(listed.slice(0, 1), "no-access");
        for (const [index, region] of regions.entries()) {
          within(region, "read-only", (bytes) => holds(bytes, index, "protected alone"));
        }
        saw(`${listed.length} regions opened and closed together, one between them left open`);
      });
    },
  },
  {
    id: "M13",
    title: "`capacity` gives two counts, no more locked than there are, and changes nothing",
    method: "capacity",
    rests: ["M3", "M11"],
    run({ memory, saw }) {
      const capacity = bound(memory, "capacity");
      withRegions(memory, (regions) => {
        const [open] = regions as readonly [Region];
        open.protect("read-write");
        const kept = open.view();
        for (const size of [...SIZES, 3, LONGEST]) {
          const { regions: room, locked } = capacity(size);
          const what = `room for ${size} bytes: ${room} regions, ${locked} of them locked`;
          check(isCount(room) && isCount(locked), `${what}: no count`);
          check(locked <= room, `${what}: more than there are`);
          saw(what);
        }
        check(open.view() === kept, "an open view is another object afterwards");
        holds(kept, 0, "open meanwhile");
        open.detach();
        open.protect("no-access");
        regions.forEach((region, index) => {
          within(region, "read-only", (bytes) => holds(bytes, index, "closed meanwhile"));
        });
        if (capacity(32).regions > 0) withRegion(memory, 32, newAndZero);
      });
    },
  },
  {
    id: "M14",
    title:
      "`sweep` touches no region of a thread that runs, open or closed, and gives its place to none",
    method: "sweep",
    rests: ["M3", "M11"],
    run({ memory, saw }) {
      const sweep = bound(memory, "sweep");
      withRegions(memory, (regions) => {
        sweep();
        const open = regions.filter((_, index) => index % 2 === 0);
        for (const region of open) region.protect("read-write");
        const views = open.map((region) => region.view());
        sweep();
        sweep(); // what the first gave back is not given back again
        open.forEach((region, index) => {
          check(region.view() === views[index], "an open view is another object afterwards");
          holds(region.view(), 2 * index, "open meanwhile");
          region.detach();
          region.protect("no-access");
        });
        withRegions(memory, () => {
          regions.forEach((region, index) => {
            within(region, "read-only", (bytes) => holds(bytes, index, "live meanwhile"));
          });
        });
        saw(`${open.length} open and ${regions.length - open.length} closed regions kept theirs`);
      });
    },
  },
];

/** One in the middle of a row of regions. */
const BETWEEN = 3;
const LONGEST = 2 ** 31 - 1;

function bound<K extends "protectAll" | "capacity" | "sweep">(
  memory: SecretMemory,
  name: K,
): NonNullable<SecretMemory[K]> {
  return (memory[name] as () => never).bind(memory) as NonNullable<SecretMemory[K]>;
}

/** Eight regions, likely neighbours and of several lengths, each with a sample of its own. */
function withRegions(memory: SecretMemory, use: (regions: readonly Region[]) => void): void {
  const regions = [32, 32, 65, 32, 4096, 32, 4097, 32].map((size) => memory.allocate(size));
  try {
    regions.forEach((region, index) => {
      within(region, "read-write", (bytes) => bytes.set(sample(bytes.length, index)));
    });
    use(regions);
  } finally {
    for (const region of regions) end(region);
  }
}

function holds(bytes: Uint8Array, index: number, when: string): void {
  sameBytes(bytes, sample(bytes.length, index), `region ${index}, ${when},`);
}

function newAndZero(region: Region): void {
  within(region, "read-only", (bytes) => {
    same(bytes.length, region.byteLength, "length of a new region");
    zero(bytes, "a new region");
  });
}

function isCount(value: unknown): boolean {
  return value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && (value as number) >= 0);
}
