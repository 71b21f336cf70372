import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** One mapping of this process, as the kernel describes it (proc(5), `/proc/pid/smaps`). */
export interface Mapping {
  readonly start: number;
  readonly end: number;
  /** `rwxp`, a dash for what is missing. */
  readonly permissions: string;
  /** Two-letter flags: `lo` locked, `dd` not dumped, `dc` not copied on fork. Empty from `maps`. */
  readonly flags: ReadonlySet<string>;
}

const LINES = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) |^VmFlags: (.*)$/gm;
const NO_FLAGS: ReadonlySet<string> = new Set();

/** Parses `maps` or `smaps`; lines of no interest are passed over. */
export function parseMappings(text: string): readonly Mapping[] {
  const mappings: Mapping[] = [];
  for (const [, start, end, permissions, flags] of text.matchAll(LINES)) {
    if (start !== undefined && end !== undefined && permissions !== undefined) {
      mappings.push({
        start: Number.parseInt(start, 16),
        end: Number.parseInt(end, 16),
        permissions,
        flags: NO_FLAGS,
      });
      continue;
    }
    const last = mappings.pop();
    if (last !== undefined) mappings.push({ ...last, flags: new Set(flags?.split(" ")) });
  }
  return mappings;
}

/** What the kernel can be asked about this process. Replaced in tests. */
export interface Kernel {
  /** Without flags, and some twenty times cheaper than {@link Kernel.smaps}. */
  maps(): readonly Mapping[];
  smaps(): readonly Mapping[];
  /** The bytes at `address`, also of a no-access page; fewer where nothing is mapped. */
  read(address: number, byteLength: number): Uint8Array;
  /** `vm.max_map_count`: the most mappings that a process may have. */
  maxMapCount(): number;
  /** Bytes of a page. */
  pageSize(): number;
}

/** The kernel through `/proc`, on Linux. Its methods throw where `/proc` does not answer. */
export const PROC: Kernel = {
  maps: () => parseMappings(readFileSync("/proc/self/maps", "latin1")),
  smaps: () => parseMappings(readFileSync("/proc/self/smaps", "latin1")),
  read(address, byteLength) {
    const descriptor = openSync("/proc/self/mem", "r");
    try {
      const bytes = new Uint8Array(new ArrayBuffer(byteLength));
      return bytes.subarray(0, readSync(descriptor, bytes, 0, byteLength, address));
    } finally {
      closeSync(descriptor);
    }
  },
  maxMapCount: () => Number(readFileSync("/proc/sys/vm/max_map_count", "latin1")),
  pageSize() {
    const { buffer, byteOffset, byteLength } = readFileSync("/proc/self/auxv");
    const vector = new BigUint64Array(buffer.slice(byteOffset, byteOffset + byteLength));
    const at = vector.findIndex((key, index) => index % 2 === 0 && key === AT_PAGESZ);
    return Number(vector[at + 1]);
  },
};

/** The key of the page size in the auxiliary vector, pairs of 64-bit words (getauxval(3)). */
const AT_PAGESZ = 6n;
