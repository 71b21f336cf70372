interface Collectors {
  readonly gc?: (options?: { type: "minor" | "major" }) => void;
  readonly Bun?: { gc(synchronous: boolean): void };
}

/** Whether {@link collect} does anything: V8 needs `--expose-gc`. */
export function canCollect(): boolean {
  const { gc, Bun } = globalThis as Collectors;
  return gc !== undefined || Bun !== undefined;
}

/**
 * Two minor collections and two major ones: the first moves what is young, the second promotes it,
 * the third moves or frees what is old.
 */
export function collect(): null {
  const { gc, Bun } = globalThis as Collectors;
  for (let round = 0; round < 2; round++) Bun?.gc(true);
  if (Bun !== undefined || gc === undefined) return null;
  for (const type of ["minor", "minor", "major", "major"] as const) gc({ type });
  return null;
}
