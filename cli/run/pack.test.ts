import { readdirSync } from "node:fs";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { NotPossibleError } from "../command_line/usage_error.ts";
import { discard } from "./hand_over.ts";
import { type MemoryFile, openMemoryFile } from "./memory_file.ts";
import { openFiles, type PackContext, pack } from "./pack.ts";
import { templateOf } from "./template.ts";

const secrets = openSecrets();
const wanted = ["a", "b", "c"].map((name) => ({ name }));
const context: PackContext = {
  secrets,
  wanted,
  numbers: [3, 4, 5],
  templates: new Map([["b", templateOf("netrc:host")]]),
  openFile: () => openMemoryFile(64),
};
const gathered = (second = "two") =>
  ["one", second, "three"].map((text) => secrets.adopt(new TextEncoder().encode(text)));

/** Fails at the file with this number, counted from 0. */
function failsAt(number: number, file: () => MemoryFile): () => MemoryFile {
  let made = 0;
  return () => {
    if (made++ === number) throw new NotPossibleError("no descriptor is left");
    return file();
  };
}
/** Makes files of which the second one is refused its seal. */
function sealsOne(): () => MemoryFile {
  let sealed = 0;
  const filled = (): void => {
    if (sealed++ === 1) throw new NotPossibleError("it cannot be sealed");
  };
  return () => ({ ...openMemoryFile(64), filled });
}
const openDescriptors = (): number => readdirSync("/proc/self/fd").length;

describe.skipIf(process.platform !== "linux")("what a command is to get", () => {
  it("is filled, and closed when it is given up", () => {
    const before = openDescriptors();
    const parcels = pack(context, gathered());
    expect([secrets.stats.live, openDescriptors() - before]).toEqual([0, 3]);
    discard(parcels);
    expect(openDescriptors()).toBe(before);
  });

  it.each<readonly [string, Partial<PackContext>, string]>([
    ["a second file cannot be made", { openFile: failsAt(1, () => openMemoryFile(64)) }, "two"],
    ["a format cannot have it", {}, "t o"],
    ["a second file cannot be sealed", { openFile: sealsOne() }, "two"],
  ])("PACK-1: is destroyed and closed when %s", (_, changed, second) => {
    const before = openDescriptors();
    expect(() => pack({ ...context, ...changed }, gathered(second))).toThrow(NotPossibleError);
    expect([secrets.stats.live, openDescriptors() - before]).toEqual([0, 0]);
  });

  it("PACK-1: is so too where the files were there before", () => {
    const before = openDescriptors();
    const files = openFiles(context);
    expect(openDescriptors() - before).toBe(6);
    expect(() => pack(context, gathered("t o"), files)).toThrow(/^b cannot be written as netrc/);
    expect([secrets.stats.live, openDescriptors() - before]).toEqual([0, 0]);
  });

  it("PACK-1: is so too when a file cannot be written", () => {
    const before = openDescriptors();
    const dropped: string[] = [];
    const readers = (): MemoryFile => {
      const file = openMemoryFile(64);
      // Written through the end that is for reading: EBADF.
      return { reader: file.writer, writer: file.reader, dropped: () => dropped.push("dropped") };
    };
    expect(() => pack({ ...context, openFile: readers }, gathered())).toThrow("EBADF");
    expect([secrets.stats.live, openDescriptors() - before, dropped.length]).toEqual([0, 0, 3]);
  });
});
