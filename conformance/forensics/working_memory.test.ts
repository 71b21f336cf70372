import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Region, SecretMemory } from "../../core/mod.ts";
import { HeapMemory } from "../../memories/heap/mod.ts";
import { record } from "../cases/recording.ts";
import { derivedNeedle } from "./derived_needle.ts";
import { scanFile } from "./scan_file.ts";
import { WorkingMemory } from "./working_memory.ts";

const ENDED = { wiped: true, lent: false, protection: "no-access", released: true };
const needle = derivedNeedle(1, 32);

let path = "";
let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "lethe-working-"));
  path = join(directory, "file");
  writeFileSync(path, Buffer.concat([Buffer.alloc(1000), needle.bytes]));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe("working memory", () => {
  it("gives zeros that can be read as words, and empty views afterwards", () => {
    const { memory, records } = record(new HeapMemory());
    const working = new WorkingMemory(memory);
    const views = [1, 7, 8, 9, 4096, 20_000, 100_000].flatMap((length) => [
      working.bytes(length),
      working.words(length),
    ]);
    for (const view of views) {
      expect([view.byteOffset % 8, view.every((value) => value === 0)]).toEqual([0, true]);
      view.fill(0xa5);
    }
    // None overlaps another: each still has what was written to it.
    for (const view of views) expect(view.every((value) => value === 0xa5)).toBe(true);
    working.end();
    for (const view of views) expect(view.length).toBe(0);
    expect(records.length).toBeGreaterThan(2);
    for (const each of records) expect(each).toMatchObject(ENDED);
  });

  it("gives everything back, also when a wipe fails", () => {
    const { memory, records } = record(new HeapMemory());
    let failing = 0;
    const faulty: SecretMemory = {
      name: "faulty",
      guarantees: memory.guarantees,
      allocate: (byteLength) =>
        instead(memory.allocate(byteLength), () => {
          failing += 1;
          if (failing === 1) throw new Error("not zero");
        }),
    };
    const working = new WorkingMemory(faulty);
    for (const length of [20_000, 30_000]) working.bytes(length);
    expect(() => working.end()).toThrow("not zero");
    expect(records.map(({ released }) => released)).toEqual([true, true]);
  });

  it("is what a scan uses, and is wiped however the scan ends", () => {
    const { memory, records } = record(new HeapMemory());
    expect(scanFile(path, [needle], { memory }).findings).toHaveLength(1);
    const used = records.length;
    expect(used).toBeGreaterThan(1);
    expect(() => scanFile(directory, [needle], { memory })).toThrow("EISDIR");
    const short = { label: "short", bytes: needle.bytes.subarray(0, 4) };
    expect(() => scanFile(path, [needle, short], { memory })).toThrow(RangeError);
    expect(records.length).toBeGreaterThan(used);
    for (const each of records) expect(each).toMatchObject(ENDED);
    expect(() => scanFile(path, [needle], { memory: "heap" as never })).toThrow(TypeError);
  });

  it("takes no options from the prototype of objects", () => {
    Object.assign(Object.prototype, { maxFindings: 0.5, memory: "nonsense" });
    try {
      expect(scanFile(path, [needle]).findings).toHaveLength(1);
    } finally {
      for (const name of ["maxFindings", "memory"]) Reflect.deleteProperty(Object.prototype, name);
    }
  });
});

/** The region, with another `wipe`. */
function instead(region: Region, wipe: () => void): Region {
  return {
    byteLength: region.byteLength,
    guarantees: region.guarantees,
    protect: (protection) => region.protect(protection),
    view: () => region.view(),
    detach: () => region.detach(),
    wipe,
    release: () => region.release(),
  };
}
