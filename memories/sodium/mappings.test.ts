import { readdirSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { PROC } from "./kernel.ts";
import { parseMappings } from "./mappings.ts";

const SMAPS = `00400000-00746000 r--p 00000000 fe:00 5308919                            /usr/bin/node
Size:               3352 kB
Rss:                3352 kB
VmFlags: rd mr mw me sd 
7f52a8ff7000-7f52a8ff8000 r--p 00000000 00:00 0 
Size:                  4 kB
VmFlags: rd mr mw me ac sd 
7f52a8ff8000-7f52a8ff9000 ---p 00000000 00:00 0 
VmFlags: mr mw me sd 
7f52a8ff9000-7f52a8ffa000 rw-p 00000000 00:00 0                          [anon:a name]
Locked:                4 kB
VmFlags: rd wr mr mw me lo ac dd sd 
7f52a8ffa000-7f52a8ffb000 ---p 00000000 00:00 0 
VmFlags: mr mw me sd 
7fffb0e5a000-7fffb0e7b000 rw-p 00000000 00:00 0                          [stack]
VmFlags: rd wr mr mw me gd ac 
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
VmFlags: ex 
`;

/** Names that an attacker may give a file that is then mapped; the kernel escapes line feeds alone. */
const WEIRD = `1000-2000 rw-p 00000000 00:00 0   /tmp/VmFlags: lo dd
2000-3000 rw-p 00000000 00:00 0   /tmp/\\0127f0000000000-7f0000001000 rw-p x
3000-4000 rw-s 00000000 00:00 0   /memfd:9000-a000 rw-p  (deleted)
4000-5000 r-xp 00000000 00:00 0   /tmp/\u00e9\u0000 (deleted)
`;

const parse = (...pieces: readonly string[]) => [...parseMappings(pieces)];

describe("parseMappings", () => {
  it("reads ranges, permissions and flags of smaps", () => {
    const mappings = parse(SMAPS);
    expect(mappings.map(({ permissions }) => permissions).join(" ")).toBe(
      "r--p r--p ---p rw-p ---p rw-p --xp",
    );
    expect(mappings[3]).toEqual({
      start: 0x7f52a8ff9000,
      end: 0x7f52a8ffa000,
      permissions: "rw-p",
      flags: new Set(["rd", "wr", "mr", "mw", "me", "lo", "ac", "dd", "sd"]),
    });
    expect(mappings[2]?.flags).toEqual(new Set(["mr", "mw", "me", "sd"]));
  });

  it("is not misled by names", () => {
    const mappings = parse(WEIRD);
    expect(mappings.map(({ start }) => start)).toEqual([0x1000, 0x2000, 0x3000, 0x4000]);
    expect(mappings.every(({ flags }) => flags.size === 0)).toBe(true);
  });

  it("does not care where a piece ends", () => {
    const whole = parse(SMAPS);
    for (let length = 1; length < 200; length++) {
      const pieces: string[] = [];
      for (let at = 0; at < SMAPS.length; at += length) pieces.push(SMAPS.slice(at, at + length));
      expect(parse(...pieces, "")).toEqual(whole);
    }
  });

  it("yields nothing of nothing", () => {
    expect(parse()).toEqual([]);
    expect(parse("", "nonsense\n")).toEqual([]);
  });

  it("stops reading when its consumer does", () => {
    let read = 0;
    function* pieces(): Generator<string> {
      for (const line of SMAPS.split("\n")) {
        read++;
        yield `${line}\n`;
      }
    }
    for (const { permissions } of parseMappings(pieces())) if (permissions === "---p") break;
    expect(read).toBeLessThan(12);
  });
});

describe.skipIf(process.platform !== "linux")("PROC", () => {
  it("counts what it lists", () => {
    const listed = [...PROC.maps()].length;
    expect(Math.abs(PROC.mapCount() - listed)).toBeLessThan(20);
    expect(listed).toBeGreaterThan(20);
    expect([...PROC.smaps()].filter(({ flags }) => flags.has("rd")).length).toBeGreaterThan(10);
  });

  it("closes its file also when it is read in part", () => {
    const before = descriptors();
    for (let count = 0; count < 20; count++) for (const _ of PROC.smaps()) break;
    expect(descriptors()).toBe(before);
  });

  it("reads memory, and nothing where nothing is", () => {
    const [{ start = 0 } = {}] = PROC.maps();
    expect(PROC.read(start, 4)).toEqual(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46));
    expect(PROC.read(0, 4).length).toBe(0);
  });

  it("knows its limits", () => {
    expect(PROC.pageSize()).toBe(4096 * Math.max(1, PROC.pageSize() / 4096));
    expect(PROC.maxMapCount()).toBe(Number(readFileSync("/proc/sys/vm/max_map_count", "latin1")));
    expect(PROC.room()).toBeGreaterThan(2 ** 20);
    expect(PROC.room()).toBeLessThanOrEqual(totalmem());
  });
});

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
