import { existsSync, readSync, writeSync } from "node:fs";
import process from "node:process";
import { derivedNeedle, deriveInto } from "../../conformance/forensics/derived_needle.ts";
import { expectNoResidue } from "../../conformance/forensics/expect_no_residue.ts";
import { ForensicsError } from "../../conformance/forensics/forensics_error.ts";
import { scanCore } from "../../conformance/forensics/scan_core.ts";
import { scanFile } from "../../conformance/forensics/scan_file.ts";
import { scanProcess } from "../../conformance/forensics/scan_process.ts";
import { offHeapBytes, wipeBytes } from "../../core/mod.ts";
import { CONTROL_SEED, passwordInto } from "./password.ts";

// A scanner for the tests to scan: looks for the password of a seed once, and again as long as the file
// `lasting` exists, says how much it found, wipes the only copy that it made, and waits. What is still
// there then, the scans left.

const [way = "", target = "", seed = "", lasting = ""] = process.argv.slice(2);
const control = offHeapBytes(32);
deriveInto(CONTROL_SEED, control);
const bytes = offHeapBytes(32);
passwordInto(Number(seed), bytes);
const needle = { label: "password", bytes };

function look(): number {
  switch (way) {
    case "process":
    case "pause": {
      const result = scanProcess(Number(target), [needle], { pause: way === "pause" });
      return result.outcome === "scanned" ? result.findings.length : -1;
    }
    case "core":
      return scanCore(target, [needle]).findings.length;
    case "file":
      return scanFile(target, [needle]).findings.length;
    case "expect":
      return thrown(() => expectNoResidue({ file: target, needle }));
    case "throw":
      // It ends in the middle: the descriptor of a folder opens, and reading it is refused.
      return thrown(() => scanFile("/", [needle, derivedNeedle(1, 32)]));
  }
  throw new RangeError(`There is no way ${way}`);
}

function thrown(scan: () => unknown): number {
  try {
    scan();
    return 0;
  } catch (error) {
    if (!(error instanceof ForensicsError)) throw error;
    return error.findings.length;
  }
}

function wait(): void {
  const byte = new Uint8Array(1);
  const pulse = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      readSync(0, byte, 0, 1, null);
      return;
    } catch {
      Atomics.wait(pulse, 0, 0, 20); // EAGAIN: some runtimes are given a pipe that does not block.
    }
  }
}

writeSync(1, `ready ${process.pid}\n`);
let found = look();
while (existsSync(lasting)) found = look();
wipeBytes(bytes);
writeSync(1, `done ${found}\n`);
wait();
process.exitCode = control[0] === bytes[0] ? 1 : 0; // both have lived until here
