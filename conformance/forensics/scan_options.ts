import { ENCODINGS } from "./encodings.ts";
import { FastSearch } from "./fast_search.ts";
import { DEFAULT_FRAGMENT_BYTES, type Needle, prepareNeedle } from "./needle.ts";
import { type Finding, type Mapping, protectionOf, type ScanReport } from "./report.ts";
import { RunCollector } from "./run_collector.ts";
import { Sweep } from "./sweep.ts";

/** What every scan can be told. */
export interface ScanOptions {
  /**
   * How many neighbouring secret bytes make residue, in any encoding: 8 or more, by default 16. A
   * shorter needle counts only whole.
   */
  readonly fragmentBytes?: number;
  /** How much is searched at a time, by default 256 KiB. It does not change what is found. */
  readonly chunkBytes?: number;
  /** The scan goes on, but reports no more than this: by default 10,000. */
  readonly maxFindings?: number;
}

/** What all reports share. */
export type Outcome = Pick<
  ScanReport,
  "outcome" | "encodings" | "findings" | "truncated" | "bytesScanned" | "durationMs"
>;

/** One scan in progress: needles in, memory through the sweep, findings out. */
export interface Inquiry {
  readonly sweep: Sweep;
  /** Searches what is left and describes what was found; `mappings` ascend and hold every address. */
  finish(mappings: readonly Mapping[]): Outcome;
  /** Overwrites the scanner's copies of needles and memory. To be called however the scan ends. */
  clear(): void;
}

/** Checks the arguments that all scans share, before anything is opened. */
export function openInquiry(needles: readonly Needle[], options: ScanOptions): Inquiry {
  if (!Array.isArray(needles) || needles.length === 0) {
    throw new TypeError("Cannot scan as needles must be an array of one needle or more");
  }
  const {
    fragmentBytes = DEFAULT_FRAGMENT_BYTES,
    chunkBytes = 2 ** 18,
    maxFindings = 10_000,
  } = options;
  for (const [name, value, most] of [
    ["chunkBytes", chunkBytes, 2 ** 28],
    ["maxFindings", maxFindings, 2 ** 24],
  ] as const) {
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new RangeError(
        `Cannot scan as ${name} must be an integer from 1 to ${most}: current value is ${value}`,
      );
    }
  }
  const prepared = needles.map((needle) => prepareNeedle(needle, fragmentBytes));
  const search = new FastSearch(prepared);
  const collector = new RunCollector(maxFindings);
  const began = performance.now();
  const sweep = new Sweep(search, chunkBytes, (...run) => collector.add(...run));
  return {
    sweep,
    finish(mappings) {
      sweep.finish();
      const findings = collector
        .finish()
        .map(({ needle, encoding, start, coveredBytes }): Finding => {
          const mapping = mappingAt(mappings, BigInt(start));
          return {
            needle: prepared[needle]?.label ?? "",
            encoding,
            address: BigInt(start),
            coveredBytes,
            complete: coveredBytes === prepared[needle]?.bytes.length,
            mapping,
            protection: protectionOf(mapping.permissions),
          };
        });
      return {
        outcome: "scanned",
        encodings: ENCODINGS.length,
        findings,
        truncated: collector.full,
        bytesScanned: sweep.bytesSwept,
        durationMs: performance.now() - began,
      };
    },
    clear() {
      search.clear();
      sweep.clear();
    },
  };
}

function mappingAt(mappings: readonly Mapping[], address: bigint): Mapping {
  const mapping = mappings.find(({ start, end }) => start <= address && address < end);
  if (mapping === undefined) throw new Error(`No mapping was read at 0x${address.toString(16)}`);
  return mapping;
}
