import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { NotRun } from "../check.ts";

/**
 * The core file that process `pid` left in `directory`, its working directory.
 *
 * @throws {NotRun} when the kernel sends core files elsewhere, or may not write one
 */
export async function findCore(directory: string, pid: number): Promise<string> {
  const pattern = (await readFile("/proc/sys/kernel/core_pattern", "latin1")).trim();
  if (pattern.startsWith("|")) {
    throw new NotRun(
      `the kernel pipes core files to ${pattern.slice(1).split(" ")[0]}; to see them, sysctl kernel.core_pattern=core`,
    );
  }
  if (pattern.includes("/")) {
    throw new NotRun(
      `the kernel writes core files to ${pattern}; to see them, sysctl kernel.core_pattern=core`,
    );
  }
  const names = await readdir(directory);
  const name = names.find((candidate) => candidate.includes(String(pid))) ?? names[0];
  if (name !== undefined) return join(directory, name);
  throw new NotRun(`no core file of ${pid} was written: is ulimit -c limited to 0 for good?`);
}
