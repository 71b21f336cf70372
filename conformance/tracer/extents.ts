import { NotRun } from "../check.ts";
import type { Extent } from "../forensics/extents.ts";
import { trace } from "./orders.ts";

/** Where a sparse file has data, or undefined where nobody can tell and all must be read. */
export async function dataExtents(path: string): Promise<readonly Extent[] | undefined> {
  try {
    const lines = await trace("extents", path);
    return lines
      .filter((line) => line.startsWith("data "))
      .map((line) => line.split(" ").map(Number))
      .map(([, start = 0, end = 0]) => ({ start, end }));
  } catch (error) {
    if (error instanceof NotRun) return undefined;
    throw error;
  }
}
