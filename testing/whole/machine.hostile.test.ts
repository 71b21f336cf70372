import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deriveInto } from "../../conformance/mod.ts";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../features/prompt/pty.ts";
import {
  compileFilter,
  type Filter,
  type Life,
  liveThrough,
  NO_FILTER,
} from "../memories/pages/hostile.ts";
import { MACHINES, type Machine } from "./machines.ts";

const PROBE = `${ROOT}testing/whole/machine_probe.ts`;
const MISSING =
  process.platform !== "linux"
    ? "Linux"
    : process.getuid?.() !== 0
      ? "root"
      : spawnSync("/usr/bin/unshare", ["-m", "true"]).status !== 0
        ? "unshare(1)"
        : "";
const NOT_RUN = MISSING === "" ? "" : `NOT RUN, it takes ${MISSING}: `;

let folder = "";
let filter: Filter | undefined;
let typed = "";
let given = new Uint8Array();
beforeAll(() => {
  folder = mkdtempSync("/var/tmp/lethe-machine-");
  const bytes = new Uint8Array(64);
  deriveInto(7301, bytes);
  typed = `\n${Buffer.from(bytes).toString("hex")}\n`;
  given = bytes;
  writeFileSync(join(folder, "empty.mjs"), `import "node:process";`);
  if (NO_FILTER === "") filter = compileFilter();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  filter?.remove();
});

/** Whether the runtime itself runs a program there that is empty: Deno and Bun do not without /proc. */
function starts(around: readonly string[], name: string): boolean {
  const [file = "", ...rest] = [...around, ...(RUNTIMES[name] ?? []), join(folder, "empty.mjs")];
  return spawnSync(file, rest).status === 0;
}

const filterHere = (): Filter => filter ?? { around: () => [], remove: () => undefined };
const aroundOf = (machine: Machine): readonly string[] =>
  machine.around?.({ folder, filter: filterHere() }) ?? [];

async function lifeOn(machine: Machine, runtime: string): Promise<Life | null> {
  const around = aroundOf(machine);
  if (!starts(around, runtime)) return null;
  const env = machine.env?.({ folder, filter: filterHere() });
  const keys = mkdtempSync(join(folder, "keys-"));
  writeFileSync(join(keys, "given"), given, { mode: 0o400 });
  return await liveThrough({
    around,
    runtime,
    typed,
    words: [PROBE, keys],
    ...(env === undefined ? {} : { env }),
    ready: (pid) => {
      for (const limit of machine.limits?.(pid, runtime) ?? []) {
        const { status, stderr } = spawnSync("/usr/bin/prlimit", ["--pid", `${pid}`, `--${limit}`]);
        if (status !== 0) throw new Error(`${stderr}`);
      }
    },
  });
}

const CASES = MACHINES.flatMap((machine) => INSTALLED.map((runtime) => ({ ...machine, runtime })));

describe.skipIf(MISSING !== "" || !SOAK)(`${NOT_RUN}on a machine`, () => {
  it.for(CASES)(
    "$name: $runtime does its work, or says what it lacks",
    async (machine, context) => {
      const life = await lifeOn(machine, machine.runtime);
      if (life === null) return context.skip(`${machine.runtime} itself does not start there`);
      const failed = Object.entries(life.steps).filter(([, end]) => end !== "ok");
      expect([life.code, life.signal, life.stderr]).toEqual([0, null, ""]);
      expect(life.residue).toBe(0);
      // Both optional modules are: a machine that keeps a runtime from opening them is another reason.
      expect(life.reasons).not.toMatch(/is not installed|ERR_INVALID_PACKAGE_CONFIG/);
      expect(failed.filter(([step]) => machine.fails?.test(step) !== true)).toEqual([]);
      for (const [, end] of failed) expect(end).toMatch(/^ERR_LETHE_[A-Z_]+$/);
      if (failed.length > 0 && machine.says) expect(life.reasons).toMatch(machine.says);
    },
  );
});
