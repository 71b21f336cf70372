import type { ChildProcess } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, it } from "vitest";
import { offHeapBytes } from "../../core/mod.ts";
import { openHandleInput, type PluginInput } from "./plugin_input.ts";

/** The input of a program whose standard input has this descriptor. Its stream takes nothing. */
function inputTo(descriptor: number): PluginInput {
  const input = openHandleInput();
  const stdin = {
    _handle: { fd: descriptor },
    on: () => undefined,
    write: () => {
      throw new Error("the stream was written to");
    },
  };
  input.started({ stdin } as unknown as ChildProcess);
  return input;
}

const bytes = offHeapBytes(300).fill(7);

it("INPUT-1: what is written goes to the descriptor, and not through the stream", () => {
  const folder = mkdtempSync(join(tmpdir(), "lethe-input-"));
  const descriptor = openSync(join(folder, "got"), "w");
  try {
    inputTo(descriptor).write(bytes);
    expect(readFileSync(join(folder, "got"))).toEqual(Buffer.from(bytes));
  } finally {
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  }
});

it.skipIf(process.platform !== "linux")("INPUT-2: what does not fit is an error", () => {
  const full = openSync("/dev/full", "w");
  try {
    expect(() => inputTo(full).write(bytes)).toThrow(
      expect.objectContaining({
        code: "ERR_LETHE_WRAPPER",
        message: expect.stringContaining("ENOSPC"),
      }),
    );
  } finally {
    closeSync(full);
  }
});
