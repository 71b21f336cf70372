import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { encodeForTest } from "../../testing/forensics/encodings.ts";
import { SOAK } from "../../testing/tier.ts";
import { derivedNeedle } from "./derived_needle.ts";
import { ENCODINGS } from "./encodings.ts";
import type { Finding } from "./report.ts";
import { scanFile } from "./scan_file.ts";
import type { ScanOptions } from "./scan_options.ts";

// Patience for a loaded machine: alone, each test takes about a second or less.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const needle = derivedNeedle(5, 48, "needle");
let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "lethe-fragments-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

function found(memory: Uint8Array, options: ScanOptions = {}): readonly Finding[] {
  const path = join(directory, "memory");
  writeFileSync(path, memory);
  return scanFile(path, [needle], options).findings;
}

/** `parts` with 64 bytes between them that belong to nothing. */
function memoryOf(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(
    Buffer.concat(parts.flatMap((part) => [Buffer.alloc(64, 0x5f), part, Buffer.alloc(64, 0x5f)])),
  );
}

/** Base64 and base64url are the same where neither of their last two digits occurs. */
function alphabetless(encoding: string | undefined): string | undefined {
  return encoding?.replace("base64url", "base64");
}

describe("partial residue", () => {
  it("counts from fragmentBytes on, wherever it was cut out", () => {
    for (let first = 0; first + 16 <= 48; first += 1) {
      const fragment = needle.bytes.subarray(first, first + 16);
      expect(found(memoryOf(fragment))).toMatchObject([
        { coveredBytes: 16, complete: false, encoding: "raw" },
      ]);
      expect(found(memoryOf(fragment.subarray(1)))).toEqual([]);
      expect(found(memoryOf(fragment.subarray(0, 9)), { fragmentBytes: 9 })).toMatchObject([
        { coveredBytes: 9 },
      ]);
    }
  });

  it.each(ENCODINGS.filter((encoding) => !encoding.startsWith("text")))(
    "as %s covers what is there",
    (encoding) => {
      const whole = encodeForTest(encoding, needle.bytes);
      const half = whole.subarray(0, Math.floor(whole.length / 16) * 8);
      const [finding, ...others] = found(memoryOf(half));
      expect(others).toEqual([]);
      expect(finding?.complete).toBe(false);
      expect(alphabetless(finding?.encoding)).toBe(alphabetless(encoding));
      expect(Math.abs((finding?.coveredBytes ?? 0) - 24)).toBeLessThan(
        encoding.startsWith("json") ? 5 : 4,
      );
    },
  );

  it("that is torn in the middle makes two findings", () => {
    const torn = needle.bytes.slice();
    torn[24] = (torn[24] ?? 0) ^ 1;
    expect(found(memoryOf(torn)).map(({ coveredBytes }) => coveredBytes)).toEqual([24, 23]);
  });

  it.runIf(SOAK)("of zeros and other regular bytes is chance", () => {
    const bytes = new Uint8Array(64);
    bytes.set(needle.bytes.subarray(0, 16), 40);
    const path = join(directory, "zeros");
    writeFileSync(path, new Uint8Array(2 ** 20));
    expect(scanFile(path, [{ label: "padded", bytes }]).findings).toEqual([]);
    writeFileSync(path, memoryOf(bytes));
    expect(scanFile(path, [{ label: "padded", bytes }]).findings).toMatchObject([
      { complete: true },
    ]);
  });
});

describe("a needle", () => {
  it("is refused when chance would find it", () => {
    const path = join(directory, "memory");
    const scan = (bytes: Uint8Array, fragmentBytes = 16) =>
      scanFile(path, [{ label: "x", bytes }], { fragmentBytes });
    expect(() => scan(new Uint8Array(7))).toThrow("8 to 16384 bytes");
    expect(() => scan(new Uint8Array(16385))).toThrow(RangeError);
    expect(() => scan(new Uint8Array(32))).toThrow("4 distinct values");
    expect(() => scan(needle.bytes, 7)).toThrow("fragmentBytes");
    expect(() => scan("secret" as unknown as Uint8Array)).toThrow(TypeError);
    expect(() => scanFile(path, [])).toThrow(TypeError);
  });

  it("is found as numbers though every other byte of it is zero", () => {
    const bytes = needle.bytes.map((byte, index) => (index % 2 === 0 ? byte | 1 : 0));
    for (const encoding of [
      "smi64",
      "smi32",
      "jsc-int32",
      "int32",
      "int64",
      "float32",
      "float64",
    ] as const) {
      const path = join(directory, "memory");
      writeFileSync(path, memoryOf(encodeForTest(encoding, bytes)));
      expect(scanFile(path, [{ label: "x", bytes }]).findings).toMatchObject([
        { encoding, complete: true },
      ]);
    }
  });

  it("is found though nearly all of it is zeros", () => {
    // At some of these places every aligned word that lies inside the needle is zero.
    const bytes = Uint8Array.from([1, 2, 3, ...new Uint8Array(26), 4]);
    const path = join(directory, "memory");
    for (let shift = 0; shift < 16; shift += 1) {
      const memory = new Uint8Array(128).fill(0x5f);
      memory.set(bytes, 32 + shift);
      writeFileSync(path, memory);
      const options = { fragmentBytes: bytes.length };
      expect(scanFile(path, [{ label: "x", bytes }], options).findings).toMatchObject([
        { encoding: "raw", address: BigInt(32 + shift), complete: true },
      ]);
    }
  });

  it("of eight bytes is found whole", () => {
    const bytes = needle.bytes.slice(0, 8);
    for (const encoding of ENCODINGS.filter((each) => !each.startsWith("text"))) {
      const path = join(directory, "memory");
      writeFileSync(path, memoryOf(encodeForTest(encoding, bytes)));
      const [finding, ...others] = scanFile(path, [{ label: "x", bytes }]).findings;
      expect(others).toEqual([]);
      expect(finding?.complete).toBe(true);
      expect(alphabetless(finding?.encoding)).toBe(alphabetless(encoding));
    }
  });
});
