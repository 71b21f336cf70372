import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runSystemProgram } from "../../system/system_program.ts";
import { NotRun } from "../check.ts";

/** Milliseconds, on a busy machine. */
const PATIENCE = 60_000;

let path: string | null = null;

/**
 * The path of the compiled tracer. It is compiled once in a process, and its file is gone from the
 * disk at once: the descriptor keeps it for as long as this process lives.
 *
 * @throws {NotRun} where it cannot be had, with the reason
 */
export function tracerProgram(): string {
  path ??= compile();
  return path;
}

function compile(): string {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new NotRun(
      `the tracer is written for Linux on x64, and this is ${process.platform} on ${process.arch}`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "lethe-tracer-"));
  try {
    const program = join(folder, "tracer");
    const source = fileURLToPath(new URL("./tracer.c", import.meta.url));
    const { status, reason } = runSystemProgram("cc", ["-O1", "-o", program, source], {
      milliseconds: PATIENCE,
      findsOthers: true,
    });
    if (status === null) throw new NotRun(`no C compiler to compile tracer.c with: ${reason}`);
    if (status !== 0) throw new NotRun(`cc cannot compile tracer.c: ${reason}`);
    return `/proc/${process.pid}/fd/${openSync(program, "r")}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
