import { spawn } from "node:child_process";
import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { findSystemProgram } from "../../system/system_program.ts";
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
  const program = findSystemProgram("gdb");
  if (program.path === null) {
    throw new NotRun(`no gdb to make a core file of a live process with: ${program.reason}`);
  }
  const status = await gdb(program.path, "-p", String(pid), "-ex", `gcore ${resolve(path)}`);
  if (status === null) throw new NotRun(`${program.path} did not start`);
  if (status !== 0) throw new NotRun(`gdb could not make a core file: status ${status}`);
}

/** @returns its exit status, or null when it did not start */
function gdb(path: string, ...words: readonly string[]): Promise<number | null> {
  // Symbols are not needed, and reading those of a runtime takes a second.
  const quick = ["-nx", "-batch", "-readnever", "-iex", "set auto-solib-add off"];
  const child = spawn(path, [...quick, ...words], { stdio: "ignore", env: {}, cwd: "/" });
  return new Promise((resolve) => {
    child.on("error", () => resolve(null));
    child.on("close", (code) => resolve(code ?? 1));
  });
}
