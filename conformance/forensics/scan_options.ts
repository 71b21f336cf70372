import { outOfRange, wrongType } from "../../core/arguments/argument_error.ts";
import type { SecretMemory } from "../../core/mod.ts";
import { ENCODINGS } from "./encodings.ts";
import { FastSearch } from "./fast_search.ts";
import {
  DEFAULT_FRAGMENT_BYTES,
  type Needle,
  type PreparedNeedle,
  prepareNeedle,
} from "./needle.ts";
import { type Finding, type Mapping, protectionOf, type ScanReport } from "./report.ts";
import { type Run, RunCollector } from "./run_collector.ts";
import { Sweep } from "./sweep.ts";
import type { OnRun } from "./window.ts";
import { WorkingMemory } from "./working_memory.ts";

/** Options of every scan. */
export interface ScanOptions {
  /**
   * How many neighbouring secret bytes make residue, in any encoding: 8 or more, by default 16. A
   * shorter needle counts only whole.
   */
  readonly fragmentBytes?: number;
  /** How much is searched at a time, by default 256 KiB. It does not change what is found. */
  readonly chunkBytes?: number;
  /** How many findings are reported at most: by default 10,000. The scan goes on after them. */
  readonly maxFindings?: number;
  /**
   * Where the scan keeps its index of the needles and the piece of the target that it searches: a few
   * hundred kilobytes. All of it is wiped and given back when the scan ends. By default ordinary
   * memory of the runtime; one of `runtime.memories` keeps it from swap, core files or other processes.
   */
  readonly memory?: SecretMemory;
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
}

/**
 * Checks the arguments that all scans share, lends `use` a scan, and wipes what the scan knew of
 * needles and target before it returns or throws.
 */
export function inquire<T>(
  needles: readonly Needle[],
  options: ScanOptions,
  use: (inquiry: Inquiry) => T,
): T {
  if (!Array.isArray(needles) || needles.length === 0) {
    throw wrongType("Cannot scan as needles must be an array of one needle or more");
  }
  const {
    fragmentBytes = DEFAULT_FRAGMENT_BYTES,
    chunkBytes = 2 ** 18,
    maxFindings = 10_000,
    memory,
  }: ScanOptions = own(options);
  for (const [name, value, most] of [
    ["chunkBytes", chunkBytes, 2 ** 28],
    ["maxFindings", maxFindings, 2 ** 24],
  ] as const) {
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw outOfRange(
        `Cannot scan as ${name} must be an integer from 1 to ${most}: current value is ${value}`,
      );
    }
  }
  if (memory !== undefined && typeof memory?.allocate !== "function") {
    throw wrongType("Cannot scan as memory must be a SecretMemory");
  }
  const working = new WorkingMemory(memory);
  try {
    const prepared = needles.map((needle) => prepareNeedle(needle, fragmentBytes, working));
    const collector = new RunCollector(maxFindings);
    const search = new FastSearch(prepared, working);
    const onRun: OnRun = (...run) => collector.add(...run);
    const sweep = new Sweep(search, chunkBytes, onRun, working);
    return use(new OpenInquiry(prepared, collector, sweep));
  } finally {
    working.end();
  }
}

/** An object's own properties: what somebody put on `Object.prototype` is not an option. */
export function own<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options);
}

class OpenInquiry implements Inquiry {
  readonly sweep: Sweep;
  readonly #needles: readonly PreparedNeedle[];
  readonly #collector: RunCollector;
  readonly #began: number = performance.now();

  constructor(needles: readonly PreparedNeedle[], collector: RunCollector, sweep: Sweep) {
    this.#needles = needles;
    this.#collector = collector;
    this.sweep = sweep;
  }

  finish(mappings: readonly Mapping[]): Outcome {
    this.sweep.finish();
    return {
      outcome: "scanned",
      encodings: ENCODINGS.length,
      findings: this.#collector.finish().map((run) => this.#describe(run, mappings)),
      truncated: this.#collector.full,
      bytesScanned: this.sweep.bytesSwept,
      durationMs: performance.now() - this.#began,
    };
  }

  #describe({ needle, encoding, start, coveredBytes }: Run, mappings: readonly Mapping[]): Finding {
    const mapping = mappingAt(mappings, BigInt(start));
    return {
      needle: this.#needles[needle]?.label ?? "",
      encoding,
      address: BigInt(start),
      coveredBytes,
      complete: coveredBytes === this.#needles[needle]?.bytes.length,
      mapping,
      protection: protectionOf(mapping.permissions),
    };
  }
}

function mappingAt(mappings: readonly Mapping[], address: bigint): Mapping {
  const mapping = mappings.find(({ start, end }) => start <= address && address < end);
  if (mapping === undefined) throw new Error(`No mapping was read at 0x${address.toString(16)}`);
  return mapping;
}
