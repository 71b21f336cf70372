import { expect, it } from "vitest";
import { capabilities, kibibytes, type Mapping, MappingCollector, mappingAt } from "./proc.ts";

const SMAPS = `7f1c00000000-7f1c00001000 ---p 00000000 00:00 0 
Size:                  4 kB
VmFlags: mr mw me 
7f1c00001000-7f1c00002000 rw-s 00000000 00:0e 12345                      /secretmem (deleted)
Size:                  4 kB
Locked:                4 kB
VmFlags: rd wr sh mr mw ms lo dc dd 
`;

function parseMappings(text: string, from = 0n, to = 2n ** 64n, size = 1): readonly Mapping[] {
  const collector = new MappingCollector(from, to);
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) collector.add(bytes.subarray(at, at + size));
  return collector.found;
}

it("only the mappings that touch the range, however the file is cut into pieces", () => {
  for (const size of [1, 7, 64, 4096]) {
    const [only, ...more] = parseMappings(SMAPS, 0x7f1c00001fffn, 0x7f1c00002000n, size);
    expect(only?.flags).toContain("lo");
    expect(more).toEqual([]);
    expect(parseMappings(SMAPS, 0x7f1c00000fffn, 0x7f1c00001001n, size)).toHaveLength(2);
  }
});

it("only the mappings whose line contains what is looked for, and no flags of others", () => {
  const collector = new MappingCollector(0n, 2n ** 64n, "---p 00000000 00:00 0");
  collector.addText(SMAPS);
  expect(collector.found.map(({ flags }) => flags.join(" "))).toEqual(["mr mw me"]);
});

it("no more pieces of the file than the range takes", () => {
  const collector = new MappingCollector(0x7f1c00000000n, 0x7f1c00001000n);
  const [first = "", rest = ""] = SMAPS.split(/(?<=VmFlags: mr mw me \n)/);
  const bytes = new TextEncoder();
  expect(collector.add(bytes.encode(first))).toBe(true); // its flags may go on
  expect(collector.add(bytes.encode(rest))).toBe(false);
  expect(collector.found.map(({ flags }) => flags.join(" "))).toEqual(["mr mw me"]);
});

it("mappings with their access, name and flags", () => {
  const mappings = parseMappings(SMAPS);
  expect(mappings.map(({ access, name }) => `${access} ${name}`)).toEqual([
    "---p ",
    "rw-s /secretmem (deleted)",
  ]);
  expect(mappings[1]?.flags).toEqual("rd wr sh mr mw ms lo dc dd".split(" "));
});

it("an address belongs to the mapping that contains it, and its end to the next", () => {
  const mappings = parseMappings(SMAPS);
  expect(mappingAt(mappings, 0x7f1c00000fffn)?.access).toBe("---p");
  expect(mappingAt(mappings, 0x7f1c00001000n)?.access).toBe("rw-s");
  expect(mappingAt(mappings, 0x7f1c00002000n)).toBeUndefined();
});

it("fields of /proc/self/status", () => {
  const status = "Name:\tx\nVmLck:\t      64 kB\nCapEff:\t000001ffffffffff\n";
  expect(kibibytes(status, "VmLck")).toBe(64);
  expect(kibibytes(status, "VmRSS")).toBeNull();
  expect((capabilities(status) >> 14n) & 1n).toBe(1n);
  expect(capabilities("Name:\tx\n")).toBe(0n);
});
