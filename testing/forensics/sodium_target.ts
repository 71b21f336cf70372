import { readSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { deriveInto } from "../../conformance/forensics/derived_needle.ts";

// A Node target that holds the needle of seed 1 in sodium_malloc memory, closed by
// sodium_mprotect_noaccess, and says its address range nowhere: the scanner must find it by itself.

interface Sodium {
  sodium_malloc(byteLength: number): Uint8Array;
  sodium_mprotect_noaccess(bytes: Uint8Array): void;
}

const sodium = createRequire(import.meta.url)("sodium-native") as Sodium;
const secret = sodium.sodium_malloc(32);
deriveInto(1, secret);
sodium.sodium_mprotect_noaccess(secret);
writeSync(1, `ready ${process.pid}\n`);
const pulse = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  try {
    if (readSync(0, new Uint8Array(1), 0, 1, null) === 0) break;
  } catch {
    Atomics.wait(pulse, 0, 0, 20);
  }
}
