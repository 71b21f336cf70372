import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { offHeapBytes } from "../core/mod.ts";

/** The bytes of a file, off the garbage-collected heap: a scan finds no copy that the test itself made. */
export function load(path: string): Uint8Array<ArrayBuffer> {
  const file = openSync(path, "r");
  const bytes = offHeapBytes(fstatSync(file).size);
  readSync(file, bytes, 0, bytes.length, 0);
  closeSync(file);
  return bytes;
}
