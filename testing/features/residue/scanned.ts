/** What the residue tests of keys and of envelopes have in common: subjects, needles, and the scan of a probe. */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { expectNoResidue, type Needle } from "../../../conformance/mod.ts";
import { SOAK } from "../../tier.ts";
import { RUNTIMES, startWaiting } from "../key_files/children.ts";

/** A runtime, and a memory of it. */
export type Subject = readonly [runtime: string, memory: string];

/** Memory that a scan can read; with secretmem, under LETHE_SOAK, only copies outside of it would show. */
export const SUBJECTS: readonly Subject[] = (
  [
    ["node", "sodium"],
    ...(SOAK
      ? ([
          ["deno", "pages"],
          ["bun", "pages"],
          ["node", "heap"],
          ["node", "secretmem"],
          ["deno", "secretmem"],
          ["bun", "secretmem"],
        ] as const)
      : []),
  ] as const
).filter(([runtime]) => existsSync(RUNTIMES[runtime]?.[0] ?? ""));

/** V8 copies nothing and reuses nothing then: what was ever put on its heap is there to be found. */
const NO_COLLECTION = ["--min-semi-space-size=128", "--max-semi-space-size=128"];

function commandOf(runtime: string): readonly string[] {
  const [file = "", ...words] = RUNTIMES[runtime] ?? [];
  if (runtime === "node") return [file, ...NO_COLLECTION, ...words];
  const flags = `--v8-flags=--expose-gc,${NO_COLLECTION.join()}`;
  return [file, ...words.map((word) => (word.startsWith("--v8-flags=") ? flags : word))];
}

/** What a probe that reads `RUNTIME MEMORY FOLDER ...` is asked for, and what it must have done. */
export interface Probe {
  readonly program: string;
  readonly subject: Subject;
  /** Behind the folder. */
  readonly words?: readonly string[];
  /** The codes of its refusals, in their order. */
  readonly codes: readonly string[];
}

/** The folder that a probe works in, and what must not be left of it. */
export class ScannedFolder {
  readonly path: string;
  readonly needles: Needle[] = [];
  /** The probe reads it the plain way: the same scan finds its copies. */
  readonly #leaky = new Uint8Array(randomBytes(32));

  constructor(name: string) {
    this.path = mkdtempSync(join(tmpdir(), `lethe-${name}-`));
    this.put("leaky", this.#leaky);
  }

  put(name: string, bytes: Uint8Array | string): void {
    writeFileSync(join(this.path, name), bytes, { mode: 0o600 });
  }

  /** Also as words of 32 bits lie in memory. */
  add(label: string, bytes: Uint8Array): void {
    this.needles.push({ label, bytes: new Uint8Array(bytes) });
    if (bytes.length % 4 !== 0) return;
    const swapped = new Uint8Array(Buffer.from(bytes).swap32());
    this.needles.push({ label: `${label}, swapped`, bytes: swapped });
  }

  /** Runs a probe until it waits, and scans it. @param needlesOf is asked once the probe has done its work */
  async scan(probe: Probe, needlesOf: () => unknown = () => this.needles): Promise<void> {
    const { program, subject, words = [], codes } = probe;
    const [runtime, memory] = subject;
    const command = [...commandOf(runtime), program, runtime, memory, this.path, ...words];
    const target = await startWaiting<object>(command);
    try {
      expect(target.said).toEqual({ memory, live: 0, codes });
      const needle = (await needlesOf()) as readonly Needle[];
      const witness = { label: "leaky", bytes: this.#leaky };
      expectNoResidue({ pid: target.pid, needle, witness });
    } finally {
      await target.stop();
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
