/** What is said of a survivor that was looked into. */
import type { Survivor } from "../results.ts";

export interface Accepted extends Survivor {
  /** Whether the change makes no difference that a caller could see; otherwise a test is missing. */
  readonly isEquivalent: boolean;
  readonly why: string;
  /** How many mutants of this text it explains, where the same line stands more than once: one, unless said. */
  readonly times?: number;
}

type Row = readonly [change: string, source: string, why: string, times?: number];

/** Mutants of a file that make no difference that a caller could see. */
export const equivalent = (path: string, rows: readonly Row[]): readonly Accepted[] =>
  accepted(path, rows, true);

/** Mutants of a file that a test notices which takes no part here, or that only time or memory would show. */
export const noticedElsewhere = (path: string, rows: readonly Row[]): readonly Accepted[] =>
  accepted(path, rows, false);

function accepted(path: string, rows: readonly Row[], isEquivalent: boolean): readonly Accepted[] {
  return rows.map(([change, source, why, times = 1]) => ({
    ...{ path, change, source, why, times },
    isEquivalent,
  }));
}
