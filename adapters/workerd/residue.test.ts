import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { derivedNeedle, type Needle, scanProcess, unmask } from "../../conformance/mod.ts";
import { bundleWorker, WORKERD } from "../../testing/adapters/workerd/bundle_worker.ts";

const folder: string = mkdtempSync(join(tmpdir(), "lethe-workerd-"));
let child: ChildProcess;
let origin = "";

beforeAll(async () => {
  const parameters = ["serve", bundleWorker("held.ts", folder), "--control-fd=3"];
  child = spawn(WORKERD, parameters, { stdio: ["ignore", "ignore", "inherit", "pipe"] });
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
    const { event, port } = JSON.parse(line) as { event: string; port?: number };
    if (event === "listen") origin = `http://127.0.0.1:${port}`;
    if (event === "listen") break;
  }
});
afterAll(() => {
  child.kill();
  rmSync(folder, { recursive: true });
});

// Without Linux there is no way to look, and the scanner says so.
it.skipIf(process.platform !== "linux")(
  "workerd has each live secret in one place, and a destroyed one nowhere",
  async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    await ask(`/witness?seed=${seed + 2}`);
    const masked = Uint8Array.from((await ask(`/hold?seed=${seed}`)) as number[]);
    const needles: readonly Needle[] = [
      derivedNeedle(seed, 32, "moved"),
      derivedNeedle(seed + 1, 32, "sealed and opened"),
      { label: "random", bytes: unmask(seed, masked) },
      derivedNeedle(seed + 2, 32, "witness"),
    ];
    expect(found(needles)).toEqual(["moved", "random", "sealed and opened", "witness"]);
    expect(await ask("/destroy")).toBe(0);
    expect(found(needles)).toEqual(["witness"]);
  },
);

async function ask(path: string): Promise<unknown> {
  return (await fetch(`${origin}${path}`)).json();
}

/** One label for each copy in any encoding. */
function found(needles: readonly Needle[]): readonly string[] {
  const report = scanProcess(child.pid as number, needles);
  if (report.outcome !== "scanned") throw new Error(report.reason);
  expect(report.encodings).toBe(41);
  return report.findings.map(({ needle }) => needle).sort();
}
