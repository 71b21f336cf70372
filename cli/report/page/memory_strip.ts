import type { Kind, Range } from "../../residue/ranges.ts";
import type { ResidueScan } from "../../residue/survey.ts";
import { element } from "./markup.ts";

const WIDTH = 960;
const HEIGHT = 26;
/** A copy that is narrower could not be seen. */
const MARK_WIDTH = 3;

/**
 * One process at one moment: its mappings in order of address, each as wide as the logarithm of its
 * size, with a mark at every copy.
 */
export function memoryStrip(scan: ResidueScan, description: string): string {
  const scale = scaleOf(scan.ranges);
  return element(
    "svg",
    {
      class: "strip",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": description,
    },
    ...scale.pieces.map(({ kind, from, to }) =>
      element("rect", {
        class: kind,
        x: cut(from),
        y: 5,
        width: cut(to - from),
        height: HEIGHT - 10,
      }),
    ),
    ...scan.hidden.map(({ start }) =>
      element("rect", {
        class: "hidden",
        x: cut(scale.place(start)),
        y: 0,
        width: 2 * MARK_WIDTH,
        height: HEIGHT,
      }),
    ),
    ...scan.findings.map(({ address, encoding }) =>
      element(
        "rect",
        {
          class: scan.moment === "live" ? "copy live" : "copy",
          x: cut(Math.min(scale.place(address), WIDTH - MARK_WIDTH)),
          y: 0,
          width: MARK_WIDTH,
          height: HEIGHT,
        },
        element("title", {}, encoding),
      ),
    ),
  );
}

interface Piece {
  readonly kind: Kind;
  readonly from: number;
  readonly to: number;
}

interface Scale {
  readonly pieces: readonly Piece[];
  place(address: bigint): number;
}

function scaleOf(ranges: readonly Range[]): Scale {
  const weights = ranges.map(({ start, end }) => Math.log2(Number((end - start) >> 12n) + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const starts: number[] = [];
  let position = 0;
  for (const weight of weights) {
    starts.push(position);
    position += (weight / total) * WIDTH;
  }
  starts.push(position);
  return {
    pieces: merge(
      ranges.map(({ kind }, index) => ({
        kind,
        from: at(starts, index),
        to: at(starts, index + 1),
      })),
    ),
    place(address) {
      const index = ranges.findIndex(({ start, end }) => address >= start && address < end);
      const range = ranges[index];
      if (range === undefined) return 0;
      const share = Number(address - range.start) / Number(range.end - range.start);
      return at(starts, index) + share * (at(starts, index + 1) - at(starts, index));
    },
  };
}

/** Neighbours of one kind, and what is too narrow to be seen, become one piece. */
function merge(pieces: readonly Piece[]): readonly Piece[] {
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    const joins = last !== undefined && (last.kind === piece.kind || piece.to - piece.from < 0.4);
    if (joins) merged[merged.length - 1] = { ...last, to: piece.to };
    else merged.push(piece);
  }
  return merged;
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}

function cut(value: number): number {
  return Math.round(value * 10) / 10;
}
