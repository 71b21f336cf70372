import type { Encoding } from "./encodings.ts";

/**
 * A stretch of the target's memory in the working memory of a scan.
 *
 * `bytes[from .. to)` are contiguous in the target; what lies outside is left over and means nothing.
 */
export interface Window {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same buffer as aligned words. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** Address of `bytes[0]` in the target: a multiple of 8, so that alignments agree. */
  readonly base: number;
  readonly from: number;
  readonly to: number;
  /** Whether the target's memory goes on before `from` and behind `to`, in other windows. */
  readonly continued: boolean;
  readonly continues: boolean;
}

/** Called with each run of residue, possibly more than once. Addresses are the target's. */
export type OnRun = (
  needle: number,
  encoding: Encoding,
  start: number,
  end: number,
  coveredBytes: number,
) => void;

/** A search over windows: the fast one and its plain twin. */
export interface Search {
  /** Length in bytes of the longest run that it can report. */
  readonly longestRun: number;
  search(window: Window, onRun: OnRun): void;
}
