import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { buildCore } from "../../testing/forensics/core.ts";
import { startTarget } from "../../testing/forensics/processes.ts";
import { derivedNeedle } from "./derived_needle.ts";
import { ForensicsError } from "./forensics_error.ts";
import { scanCore } from "./scan_core.ts";
import { scanFile } from "./scan_file.ts";

// Patience for a loaded machine: alone, each test takes about a second or less.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const needle = derivedNeedle(77, 32, "needle");
const START = 0x7f0000001000n;
let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "lethe-forensics-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

function file(bytes: Uint8Array | string): string {
  const path = join(directory, "file");
  writeFileSync(path, bytes);
  return path;
}

function segment(length: number, at: number, part: Uint8Array = needle.bytes): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(part, at);
  return bytes;
}

describe("a synthetic core file", () => {
  it("gives address, name and protection of residue", () => {
    const files = [{ start: START, end: START + 8192n, name: "/usr/lib/libx.so" }];
    const core = buildCore([{ start: START, bytes: segment(8192, 4001), flags: 4 }], files);
    const { findings, ...report } = scanCore(file(core), [needle]);
    expect(findings).toMatchObject([
      {
        encoding: "raw",
        address: START + 4001n,
        complete: true,
        protection: "read-only",
        mapping: { start: START, end: START + 8192n, permissions: "r--", name: "/usr/lib/libx.so" },
      },
    ]);
    expect(report).toMatchObject({ source: "core", pid: null, skipped: [], unreadable: [] });
  });

  it("is searched across segments that touch, in any order, and not across a gap", () => {
    const first = {
      start: START,
      bytes: segment(4096, 4080, needle.bytes.subarray(0, 16)),
      flags: 0,
    };
    const second = { start: START + 4096n, bytes: segment(4096, 0, needle.bytes.subarray(16)) };
    const apart = { ...second, start: START + 8192n };
    for (const chunkBytes of [8, 1000, 4096, 2 ** 20]) {
      const options = { chunkBytes };
      expect(scanCore(file(buildCore([second, first])), [needle], options).findings).toMatchObject([
        { address: START + 4080n, complete: true, protection: "no-access" },
      ]);
      const parts = scanCore(file(buildCore([first, apart])), [needle], options).findings;
      expect(parts.map(({ coveredBytes, complete }) => [coveredBytes, complete])).toEqual([
        [16, false],
        [16, false],
      ]);
    }
  });

  it("is searched in its registers", () => {
    const core = buildCore([], [], { registers: segment(64, 8) });
    expect(scanCore(file(core), [needle]).findings).toMatchObject([
      { complete: true, mapping: { name: "[notes]" } },
    ]);
  });

  it("may have more segments than its header can count", () => {
    const core = buildCore([{ start: START, bytes: segment(64, 0) }], [], { manySegments: true });
    expect(scanCore(file(core), [needle]).findings).toHaveLength(1);
  });

  it("reports what it leaves out, and what was cut off", () => {
    const dumped = { start: START, bytes: segment(4096, 0), byteLength: 12288 };
    expect(scanCore(file(buildCore([dumped])), [needle]).skipped).toMatchObject([
      { reason: "not-dumped", byteLength: 8192 },
    ]);
    const cut = buildCore([dumped]).subarray(0, -1000);
    expect(scanCore(file(cut), [needle]).unreadable).toMatchObject([
      { reason: "truncated-file", byteLength: 1000 },
    ]);
  });

  it("is refused when it is none", () => {
    const core = buildCore([{ start: START, bytes: segment(64, 0) }]);
    const changed = (at: number, value: number): Uint8Array => core.with(at, value);
    for (const [bytes, reason] of [
      ["", "it is too short"],
      [changed(0, 0x28), "it is not an ELF file"],
      [changed(4, 1), "it is not 64-bit little-endian"],
      [changed(16, 2), "it is an ELF file, but no core file"],
      [core.subarray(0, 150), "it ends inside its program headers"],
    ] as const) {
      expect(() => scanCore(file(bytes), [needle])).toThrow(reason);
      expect(() => scanCore(file(bytes), [needle])).toThrow(ForensicsError);
    }
    expect(() => scanCore(join(directory, "none"), [needle])).toThrow("ENOENT");
  });
});

const noGcore = existsSync("/usr/bin/gcore") ? null : "gdb's gcore is not installed";
it.skipIf(noGcore !== null)(
  `a core file that gdb wrote is read${noGcore === null ? "" : ` (did not run: ${noGcore})`}`,
  async () => {
    const hex = Buffer.from(needle.bytes).toString("hex");
    const script = ["-c", "echo ready $$; read -r line"];
    const target = await startTarget(["/bin/sh", ...script], { env: { SECRET: hex } });
    try {
      execFileSync("/usr/bin/gcore", ["-o", join(directory, "core"), String(target.pid)], {
        stdio: "ignore",
      });
    } finally {
      await target.stop();
    }
    const path = readdirSync(directory).find((name) => name.startsWith("core."));
    const report = scanCore(join(directory, String(path)), [needle, derivedNeedle(78, 32)]);
    expect(report.findings.length).toBeGreaterThan(0);
    for (const finding of report.findings) {
      expect(finding).toMatchObject({
        needle: "needle",
        encoding: "hex-lower",
        protection: "read-write",
      });
    }
    expect(report.mappingsScanned).toBeGreaterThan(3);
    expect(report.unreadable.filter(({ reason }) => reason !== "beyond-2^53")).toEqual([]);
  },
);

describe("a plain file", () => {
  it("is searched, with offsets as addresses", () => {
    const text = `{"padding":"${"x".repeat(300_000)}","secret":[${needle.bytes.join(",")}]}`;
    expect(scanFile(file(text), [needle])).toMatchObject({
      source: "file",
      bytesScanned: text.length,
      findings: [
        { encoding: "decimal", address: BigInt(text.indexOf("[") + 1), protection: "not-mapped" },
      ],
    });
  });

  it("may be empty, but must be there and be a file", () => {
    expect(scanFile(file(""), [needle]).findings).toEqual([]);
    expect(() => scanFile(join(directory, "none"), [needle])).toThrow("ENOENT");
    expect(() => scanFile(directory, [needle])).toThrow("EISDIR");
  });
});
