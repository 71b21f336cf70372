import type { MemoryProvider } from "../../core/mod.ts";
import { fillAndFlush } from "../../core/random.ts";
import { fs } from "../../system/node_builtins.ts";
import { isPermitted } from "../../system/permitted.ts";
import { refuseRedirection } from "../../system/redirection.ts";
import { HeapMemory } from "./heap_memory.ts";

/** The memory that every runtime has, with the random bytes of the system, for runtimes on servers. */
export const SERVER_HEAP_PROVIDER: MemoryProvider = {
  name: "heap",
  open: () =>
    new HeapMemory((bytes) => {
      if (!readDevice(bytes)) fillAndFlush(bytes);
    }),
};

const DEVICE = "/dev/urandom";
/**
 * Taken once: a function that is patched later must not choose the bytes.
 */
const { closeSync: close, fstatSync: stat, openSync: open, readSync: read } = fs;

/** False: there is none, or it may not be read. Opened each time: a program may close all that is open. */
function readDevice(bytes: Uint8Array): boolean {
  let descriptor: number | null = null;
  try {
    if (!isPermitted({ name: "read", path: DEVICE })) return false;
    refuseRedirection();
    descriptor = open(DEVICE, "r");
    // In the root of a container it may be a file that somebody made.
    if (!stat(descriptor).isCharacterDevice()) return false;
    for (let at = 0; at < bytes.length; ) {
      const length = read(descriptor, bytes, at, bytes.length - at, null);
      if (length === 0) return false;
      at += length;
    }
    return true;
  } catch {
    return false; // The runtime's generator stands in.
  } finally {
    if (descriptor !== null) close(descriptor);
  }
}
