import { expect, it } from "vitest";
import { planFor } from "./reading_plan.ts";
import { type ProcessMapping, parseSmaps } from "./smaps.ts";

function smaps(
  header: string,
  fields: Readonly<Record<string, number>> = {},
  flags = "rd wr mr mw me ac",
): string {
  const all = { Size: 8192, KernelPageSize: 4, Rss: 0, Anonymous: 0, Swap: 0, ...fields };
  const lines = Object.entries(all).map(
    ([name, value]) => `${`${name}:`.padEnd(16)}${String(value).padStart(8)} kB`,
  );
  return [header, ...lines, "THPeligible:           0", `VmFlags: ${flags} `, ""].join("\n");
}

function mapping(text: string): ProcessMapping {
  const [first] = parseSmaps(text);
  if (first === undefined) throw new Error("no mapping");
  return first;
}

it("mappings are parsed with names, sizes and flags", () => {
  const text =
    smaps("7f0000000000-7f0000002000 rw-s 00000000 00:05 1234       /memfd:a b (deleted)", {
      Rss: 4,
      Swap: 8,
    }) +
    smaps(
      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]",
      {},
      "ex",
    );
  expect(parseSmaps(text)).toMatchObject([
    {
      mapping: {
        start: 0x7f0000000000n,
        end: 0x7f0000002000n,
        permissions: "rw-s",
        name: "/memfd:a b (deleted)",
        flags: ["rd", "wr", "mr", "mw", "me", "ac"],
      },
      byteLength: 8192,
      shared: true,
      resident: 4096,
      swapped: 8192,
      pageSize: 4096,
    },
    { mapping: { start: 0xffffffffff600000n, name: "[vsyscall]", flags: ["ex"] } },
  ]);
  expect(parseSmaps("")).toEqual([]);
});

const RANGE = "7f0000000000-7f0000800000";
const LARGE = "7f0000000000-7f0010000000";
const DISK = "00000000 fe:00 12                         /usr/bin/node";
const NOTHING = "00000000 00:00 0";

it.each([
  [
    "private, untouched",
    smaps(`${RANGE} rw-p ${NOTHING}`),
    { kind: "skip", reason: "nothing-resident" },
  ],
  ["private, resident in part", smaps(`${RANGE} rw-p ${NOTHING}`, { Rss: 4 }), { kind: "present" }],
  [
    "private without access",
    smaps(`${RANGE} ---p ${NOTHING}`, { Rss: 4, Anonymous: 4 }),
    { kind: "present" },
  ],
  ["swapped out", smaps(`${RANGE} rw-p ${NOTHING}`, { Swap: 4 }), { kind: "present" }],
  ["all resident", smaps(`${RANGE} rw-p ${NOTHING}`, { Rss: 8192 }), { kind: "whole" }],
  ["hugetlbfs", smaps(`${RANGE} rw-p ${NOTHING}`, { Private_Hugetlb: 2048 }), { kind: "present" }],
  [
    "a file's pages",
    smaps(`${RANGE} r-xp ${DISK}`, { Rss: 4 }),
    { kind: "skip", reason: "file-backed" },
  ],
  [
    "a file's pages, written",
    smaps(`${RANGE} rw-p ${DISK}`, { Rss: 8, Anonymous: 4 }),
    { kind: "present" },
  ],
  [
    "a file's pages, written and swapped",
    smaps(`${RANGE} r--p ${DISK}`, { Rss: 4, Swap: 4 }),
    { kind: "present" },
  ],
  [
    "a deleted file's pages",
    smaps(`${RANGE} r--p ${DISK} (deleted)`, { Rss: 4 }),
    { kind: "present" },
  ],
  [
    "a memfd's pages",
    smaps(`${RANGE} r--p 00000000 00:01 12      /memfd:x (deleted)`, { Rss: 4 }),
    { kind: "present" },
  ],
  ["shared and writable, not mapped in", smaps(`${RANGE} rw-s ${DISK}`), { kind: "whole" }],
  ["shared, writable elsewhere", smaps(`${RANGE} r--s ${DISK}`), { kind: "whole" }],
  [
    "shared, never writable",
    smaps(`${RANGE} r--s ${DISK}`, {}, "rd mr me"),
    { kind: "skip", reason: "nothing-resident" },
  ],
  [
    "shared and large",
    smaps(`${LARGE} rw-s ${DISK}`),
    { kind: "present", rest: "shared-not-mapped-in" },
  ],
  [
    "a device",
    smaps(`${RANGE} rw-s ${DISK}`, { Rss: 4 }, "rd wr io pf"),
    { kind: "unreadable", reason: "device" },
  ],
])("%s", (_, text, plan) => {
  expect(planFor(mapping(text), false)).toMatchObject(plan);
});

it("a file's pages are read when asked for", () => {
  expect(planFor(mapping(smaps(`${RANGE} r-xp ${DISK}`, { Rss: 4 })), true)).toMatchObject({
    kind: "present",
  });
});
