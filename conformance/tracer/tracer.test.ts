import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readlinkSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { buildCore } from "../../testing/forensics/core.ts";
import { Observer } from "../cases/sightings.ts";
import { derivedNeedle } from "../forensics/derived_needle.ts";
import { scanCore } from "../forensics/scan_core.ts";
import { programTarget, selfCommand } from "../target/program_target.ts";
import type { Target } from "../target/target.ts";
import { dataExtents } from "./extents.ts";
import type { Tracer } from "./tracer.ts";

/** It serves plain memory of the heap, in which all is allowed. */
const command = selfCommand(
  new URL("../../testing/faulty/target.ts", import.meta.url),
  "no detach",
);
const there = spawnSync("cc", ["--version"]).error === undefined && process.arch === "x64";
const targets: Target[] = [];
afterEach(async () => {
  for (const target of targets.splice(0)) await target.close();
});

async function start(): Promise<{ target: Target; tracer: Tracer; address: bigint }> {
  const target = await programTarget(command).start();
  targets.push(target);
  const address = await (await Observer.of(target)).controlAddress();
  return { target, tracer: target.tracer as Tracer, address };
}

describe.skipIf(!there)("a traced process", () => {
  it("is read, lives on, and goes on where it was", async () => {
    const { target, tracer, address } = await start();
    const before = await tracer.peek(address, 32);
    expect(before.digest).toMatch(/^[0-9a-f]{16}$/);
    expect((await tracer.peek(16n, 8)).refused).toBe("Input/output error");
    expect(await tracer.touch("load", address)).toBe("survived");
    expect(await tracer.peek(address, 32)).toEqual(before);
    expect(await tracer.touch("store", address)).toBe("survived");
    expect(await tracer.peek(address, 32)).not.toEqual(before);
    expect(await tracer.touch("store", address)).toBe("survived"); // the same bit again
    expect(await tracer.peek(address, 32)).toEqual(before);
    expect(await target.ask({ do: "collect" })).toBe(null);
  });

  it("dies of touching what is not there, as it would by itself", async () => {
    const { target, tracer } = await start();
    expect(await tracer.touch("load", 16n)).toBe("signal 11");
    expect(await target.end?.()).toMatchObject({ signal: "SIGSEGV" });
  });

  it("has a fork that sees its private memory and cannot change it", async () => {
    const { target, tracer, address } = await start();
    expect(await tracer.fork(address, 32, address)).toEqual({
      control: "same",
      read: "same",
      write: "done",
      parent: "unchanged",
    });
    expect(await target.ask({ do: "collect" })).toBe(null);
  });

  it("hands a descriptor to what it executes, if that is not closed on exec", async () => {
    const { target, tracer } = await start();
    const name = await tracer.execute(({ pid, control }) =>
      readlinkSync(`/proc/${pid}/fd/${control}`),
    );
    expect(name).toBe("/memfd:control (deleted)");
    expect(await target.ask({ do: "collect" })).toBe(null);
  });

  it("is seen with its memory after its last instruction", async () => {
    const { target } = await start();
    const observer = await Observer.of(target, 1_024);
    const held = await observer.hold("modify");
    const seen = await observer.lookAtExit("process.exit", held.needle);
    expect(seen.copiesOf(held.needle).length).toBeGreaterThan(0); // nobody wiped it
  });
});

it.skipIf(!there)("the data of a sparse core file is read, and its holes are counted", async () => {
  const needle = derivedNeedle(99, 32, "needle");
  const folder = mkdtempSync(join(tmpdir(), "lethe-sparse-"));
  const path = join(folder, "core");
  const start = 0x7f0000000000n;
  const byteLength = 64 * 2 ** 20;
  const head = buildCore([{ start, bytes: new Uint8Array(0), byteLength }]);
  // One segment of 64 MiB, of which a page in the middle was written.
  const descriptor = openSync(path, "w");
  try {
    new DataView(head.buffer, head.byteOffset).setBigUint64(
      128 + 56 + 32,
      BigInt(byteLength),
      true,
    );
    writeSync(descriptor, head, 0, head.length, 0);
    const at = 32 * 2 ** 20;
    writeSync(descriptor, needle.bytes, 0, 32, head.length + at);
    writeSync(descriptor, new Uint8Array(1), 0, 1, head.length + byteLength - 1);
    const data = await dataExtents(path);
    const { findings, skipped, bytesScanned } = scanCore(path, [needle], { data });
    expect(findings).toMatchObject([{ encoding: "raw", address: start + BigInt(at) }]);
    expect(skipped.map(({ reason }) => reason)).toEqual(["hole"]);
    expect(bytesScanned).toBeLessThan(2 ** 20);
    expect(statSync(path).size - bytesScanned).toBeGreaterThan(60 * 2 ** 20);
    expect(scanCore(path, [needle]).findings).toHaveLength(1); // without extents all is read
  } finally {
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  }
});
