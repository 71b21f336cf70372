import { readSync, writeSync } from "node:fs";
import process from "node:process";
import { ENCODINGS } from "../../conformance/forensics/encodings.ts";
import { offHeapBytes } from "../../core/mod.ts";
import { encodeForTest } from "./encodings.ts";
import { passwordInto } from "./password.ts";
import { PLANTS, secretOf } from "./plants.ts";

// A target for the tests of the scanner: holds what its argument says, says that it is ready, and
// then blocks in a read of standard input, so that nothing moves.

const [what = "nothing", seed = ""] = process.argv.slice(2);
const held: unknown[] = [];
if (what === "plants") for (const plant of PLANTS) held.push(plant.make(secretOf(plant)));
if (what === "password") {
  const bytes = offHeapBytes(32);
  passwordInto(Number(seed), bytes);
  for (const encoding of ENCODINGS) held.push(encodeForTest(encoding, bytes));
}

writeSync(1, `ready ${process.pid}\n`);
const byte = new Uint8Array(1);
const pulse = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  try {
    if (readSync(0, byte, 0, 1, null) === 0) break;
  } catch {
    Atomics.wait(pulse, 0, 0, 20); // EAGAIN: some runtimes are given a pipe that does not block.
  }
}
process.exitCode = held.length > 1e9 ? 1 : 0;
