import type { CaseResult, Outcome } from "../../conformance/mod.ts";
import type { Column } from "./column.ts";

/** One requirement, and what came of it in every column. */
export interface Row {
  readonly id: string;
  readonly title: string;
  /** In the order of the columns; null where the suite has no such row, as inside a page. */
  readonly cells: readonly (CaseResult | null)[];
}

/** Columns in which the suite ran. */
export function judged(columns: readonly Column[]): readonly Column[] {
  return columns.filter(({ report }) => report !== null);
}

/** Requirements by column, in the order of the suite. */
export function rowsOf(columns: readonly Column[]): readonly Row[] {
  const titles = new Map<string, string>();
  const byColumn = columns.map(({ report }) => {
    const results = new Map((report?.results ?? []).map((result) => [result.id, result]));
    for (const { id, title } of results.values()) titles.set(id, title);
    return results;
  });
  return [...titles].map(([id, title]) => ({
    id,
    title,
    cells: byColumn.map((results) => results.get(id) ?? null),
  }));
}

export function countOf(columns: readonly Column[], outcome: Outcome): number {
  return columns
    .flatMap(({ report }) => report?.results ?? [])
    .filter((result) => result.outcome === outcome).length;
}

/** A sign for each outcome. Colour is never the only difference. */
export const SIGNS: Readonly<Record<Outcome, string>> = {
  passed: "●",
  failed: "✖",
  "not given": "·",
  "not run": "○",
};

/** `node 24.21.0` as `node 24`. */
export function shortOf(runtime: string): string {
  return runtime.replace(/(\d+)[.-].*$/, "$1");
}
