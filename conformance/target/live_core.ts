import { spawn } from "node:child_process";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { NotRun } from "../check.ts";
import { readMappings } from "./mappings.ts";

/** A larger file is made in `LETHE_SOAK=1` only: gcore writes holes out, 18 GB for Deno. */
const LARGEST = 2 ** 31;

/**
 * A core file of a live process, made by gdb(1) as gcore(1) makes it.
 *
 * @throws {NotRun} without gdb, or when the file would be too large
 */
export async function makeLiveCore(pid: number, path: string): Promise<void> {
  const byteLength = (await readMappings(pid))
    .filter(({ flags, permissions }) => !flags.includes("dd") && permissions.endsWith("p"))
    .reduce((sum, { start, end }) => sum + Number(end - start), 0);
  const { bavail, bsize } = await statfs(dirname(path));
  const gigabytes = `${(byteLength / 1e9).toFixed(1)} GB`;
  if (byteLength > LARGEST && process.env["LETHE_SOAK"] === undefined) {
    throw new NotRun(`gcore would write ${gigabytes}; LETHE_SOAK=1 lets it`);
  }
  if (byteLength > (bavail * bsize) / 2) throw new NotRun(`no room on disk for ${gigabytes}`);
  const status = await gdb("-p", String(pid), "-ex", `gcore ${path}`);
  if (status === null) throw new NotRun("no gdb to make a core file of a live process with");
  if (status !== 0) throw new NotRun(`gdb could not make a core file: status ${status}`);
}

/** @returns its exit status, or null when there is none */
function gdb(...words: readonly string[]): Promise<number | null> {
  // Symbols are not needed, and reading those of a runtime takes a second.
  const quick = ["-nx", "-batch", "-readnever", "-iex", "set auto-solib-add off"];
  const child = spawn("gdb", [...quick, ...words], { stdio: "ignore" });
  return new Promise((resolve) => {
    child.on("error", () => resolve(null));
    child.on("close", (code) => resolve(code ?? 1));
  });
}
