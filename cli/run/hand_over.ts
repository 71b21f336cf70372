import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a pipe holds that nobody reads: Linux takes 65,536 bytes, pipe(7). */
export const PIPE_BYTES = 65_536;

/** An empty pipe, both ends. */
export interface Pipe {
  readonly reader: number;
  readonly writer: number;
}

/**
 * A pipe, by a FIFO whose name is gone again when this returns. Node has no call for pipe(2), and
 * would make a socket instead, which its event loop has to serve while the command reads. One limit:
 * opening it anew as `/dev/fd/N` waits for a writer that never comes; the descriptor is to be read.
 */
export function openPipe(): Pipe {
  const folder = mkdtempSync(join(tmpdir(), "lethe-run-")); // mode 0700
  try {
    const path = join(folder, "pipe");
    const { status } = spawnSync("mkfifo", ["-m", "600", path], { stdio: "ignore" });
    if (status !== 0) throw new TypeError("mkfifo(1) is needed to make a pipe");
    // For both first: to open one end alone would wait for the other.
    const writer = openSync(path, constants.O_RDWR);
    return { writer, reader: openSync(path, constants.O_RDONLY) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes `bytes` from where they lie into the pipe, and closes that end. */
export function fill({ writer }: Pipe, bytes: Uint8Array): void {
  try {
    if (bytes.length > PIPE_BYTES) throw new RangeError(`it is longer than ${PIPE_BYTES} bytes`);
    for (let at = 0; at < bytes.length; ) at += writeSync(writer, bytes, at);
  } finally {
    closeSync(writer);
  }
}
