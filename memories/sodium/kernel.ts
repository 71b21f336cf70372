import type { Buffer } from "node:buffer";
import { LINUX_CAP_IPC_LOCK } from "../../system/constants.ts";
import { fs, buffer as nodeBuffer, process } from "../../system/node_builtins.ts";
import { capabilities } from "../../system/proc.ts";
import { readBytes, readText } from "../../system/read_text.ts";
import { allowRemedy } from "../pages/mod.ts";
import { type Mapping, parseMappings } from "./mappings.ts";

const { closeSync, openSync, readSync } = fs;
const { allocUnsafeSlow: allocate } = nodeBuffer.Buffer;

/** What the kernel can be asked about this process. Replaced in tests. */
export interface Kernel {
  /** In ascending order. Without flags, and some ten times cheaper than {@link Kernel.smaps}. */
  maps(): Iterable<Mapping>;
  /** In ascending order, read as far as it is consumed. */
  smaps(): Iterable<Mapping>;
  /** How many mappings the process has. */
  mapCount(): number;
  /** The bytes at `address`, also of a no-access page; fewer where nothing is mapped. */
  read(address: number, byteLength: number): Uint8Array;
  /** `vm.max_map_count`: the most mappings that a process may have. */
  maxMapCount(): number;
  /** Bytes that the process may still map and that the machine, or its container, still has. */
  room(): number;
  /** Bytes of a page. */
  pageSize(): number;
  /** Why mlock(2) fails, as far as the limits of the process tell, with the remedy. */
  explainLocks(): string;
  /** Whether a filter of system calls (seccomp) is active. */
  filtered(): boolean;
}

/** The kernel through `/proc`, on Linux. Its methods throw where `/proc` does not answer. */
export const PROC: Kernel = {
  maps: () => parseMappings(decoded("/proc/self/maps")),
  smaps: () => parseMappings(decoded("/proc/self/smaps")),
  mapCount() {
    let count = 0;
    for (const piece of pieces("/proc/self/maps")) {
      for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) count++;
    }
    return count;
  },
  read(address, byteLength) {
    const descriptor = openSync("/proc/self/mem", "r");
    const bytes = new Uint8Array(new ArrayBuffer(byteLength));
    try {
      return bytes.subarray(0, readSync(descriptor, bytes, 0, byteLength, address));
    } catch {
      return bytes.subarray(0, 0); // EIO: another thread has unmapped it meanwhile
    } finally {
      closeSync(descriptor);
    }
  },
  maxMapCount: () => Number(readText("/proc/sys/vm/max_map_count")),
  room() {
    const pageSize = PROC.pageSize();
    const pages = readText("/proc/self/statm").split(" ");
    const [size = 0, resident = 0, , , , data = 0] = pages.map((count) => Number(count) * pageSize);
    const limits = readText("/proc/self/limits");
    const machine = readText("/proc/meminfo");
    return Math.min(
      numberIn(machine, /^MemAvailable: +(\d+) kB/m) * 1024,
      // Not process.availableMemory(): in a container it counts the page cache as used up.
      (process.constrainedMemory() || Infinity) - resident,
      numberIn(limits, /^Max address space +(\d+) /m) - size,
      numberIn(limits, /^Max data size +(\d+) /m) - data,
    );
  },
  pageSize() {
    const { buffer, byteOffset, byteLength } = readBytes("/proc/self/auxv");
    const vector = new BigUint64Array(buffer.slice(byteOffset, byteOffset + byteLength));
    const at = vector.findIndex((key, index) => index % 2 === 0 && key === AT_PAGESZ);
    return Number(vector[at + 1]);
  },
  explainLocks() {
    const status = readText("/proc/self/status");
    const limit = numberIn(readText("/proc/self/limits"), /^Max locked memory +(\d+) /m);
    const used = numberIn(status, /^VmLck:\s+(\d+) kB/m) * 1024;
    const lifted = (capabilities(status) >> LINUX_CAP_IPC_LOCK) & 1n;
    if (lifted === 0n && used + PROC.pageSize() > limit) {
      return `RLIMIT_MEMLOCK is ${limit} bytes and ${used} are in use; raise it with ulimit -l, LimitMEMLOCK= (systemd) or --ulimit memlock (containers)`;
    }
    if (PROC.filtered()) {
      return `a filter of system calls (seccomp) may refuse it; ${allowRemedy("mlock")}`;
    }
    return "libsodium does not say why, and no limit of the process explains it";
  },
  filtered: () => /^Seccomp:\s+2$/m.test(readText("/proc/self/status")),
};

/** Infinite where there is none, as behind `unlimited`. */
function numberIn(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? Infinity);
}

function* decoded(path: string): Generator<string, void> {
  for (const piece of pieces(path)) yield piece.toString("latin1");
}

/** The file in pieces, each valid until the next; closed also when the consumer stops early. */
function* pieces(path: string): Generator<Buffer, void> {
  const descriptor = openSync(path, "r");
  try {
    const buffer = allocate(PIECE_BYTES);
    for (let length = 1; length > 0; ) {
      length = readSync(descriptor, buffer, 0, PIECE_BYTES, null);
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

const NEWLINE = 10;
/** The kernel gives a page or so at a time; more of a buffer would stay empty. */
const PIECE_BYTES = 16_384;
/** The key of the page size in the auxiliary vector, pairs of 64-bit words (getauxval(3)). */
const AT_PAGESZ = 6n;
