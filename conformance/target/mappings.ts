import { readFile } from "node:fs/promises";
import type { Mapping } from "../forensics/report.ts";
import { parseSmaps } from "../forensics/smaps.ts";

/** The mappings of a process, by address. */
export async function readMappings(pid: number): Promise<readonly Mapping[]> {
  const text = await readFile(`/proc/${pid}/smaps`, "latin1");
  return parseSmaps(text).map(({ mapping }) => mapping);
}
