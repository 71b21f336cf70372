import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { derivedNeedle, type Needle, scanProcess } from "../../conformance/mod.ts";
import { noPostgres, Postgres } from "../../testing/examples/recipes/postgres.ts";
import { BRIDGES } from "../../testing/features/crypto/bridges.ts";
import { isInstalled, startChild } from "../../testing/features/crypto/residue_child.ts";
import { SOAK } from "../../testing/tier.ts";

// Holds the ledger of docs/interop.md against what a scan finds.

const LEDGER = fileURLToPath(new URL("../../docs/interop.md", import.meta.url));
const COLUMNS = ["node", "deno", "bun"];
const REGULAR = process.versions.node.startsWith("22.") ? [] : ["node"];
const runtimes = !SOAK ? REGULAR : COLUMNS;

/** Copies beside the secret's own, while the program keeps what the bridge gave, and afterwards. */
interface Residue {
  readonly kept: number;
  readonly after: number;
}

/** Rows of the ledger, by the name of the bridge. */
function ledger(): ReadonlyMap<string, readonly Residue[]> {
  const rows = new Map<string, readonly Residue[]>();
  for (const line of readFileSync(LEDGER, "utf8").split("\n")) {
    const [, name = "", ...cells] = line.split("|").map((cell) => cell.trim());
    const residues = cells
      .map((cell) => /^(\d+), then (\d+)$/.exec(cell))
      .filter((cell) => cell !== null);
    if (residues.length === 0) continue;
    rows.set(
      name,
      residues.map(([, kept, after]) => ({ kept: Number(kept), after: Number(after) })),
    );
  }
  return rows;
}

const noDatabase = SOAK ? noPostgres : "it is left to the soak";
const MEASURED = BRIDGES.map((bridge, index) => ({ ...bridge, index })).filter(
  ({ asksDatabase }) => asksDatabase === undefined || noDatabase === null,
);
const WITHOUT = noDatabase === null ? "" : ` (not of PostgreSQL: ${noDatabase})`;
const seedOf = (index: number): number => 4000 + index;

let server: Server;
/** By the index of the bridge that takes it, whose secret is its password. */
const databases = new Map<number, Postgres>();
beforeAll(async () => {
  for (const { index, name } of MEASURED.filter(({ asksDatabase }) => asksDatabase)) {
    const { bytes } = derivedNeedle(seedOf(index), 32, name);
    databases.set(index, await Postgres.start(Buffer.from(bytes).toString("base64")));
  }
  server = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.close();
  for (const database of databases.values()) await database.stop();
});

async function measure(runtime: string): Promise<ReadonlyMap<string, Residue>> {
  const { port } = server.address() as AddressInfo;
  const child = await startChild("bridges_target.ts", runtime, String(port));
  try {
    const needles: Needle[] = [];
    for (const { index, name } of MEASURED) {
      const database = databases.get(index)?.socket ?? "";
      expect(await child.ask(`hold ${index} ${seedOf(index)} ${database}`), name).toBe("crossed");
      needles.push(derivedNeedle(seedOf(index), 32, name));
    }
    const kept = count(child.pid, needles);
    expect(await child.ask("drop")).toBe("0 live");
    const after = count(child.pid, needles);
    return new Map(needles.map(({ label }) => [label, { kept: kept(label), after: after(label) }]));
  } finally {
    child.stop();
  }
}

function count(pid: number, needles: readonly Needle[]): (label: string) => number {
  const report = scanProcess(pid, needles);
  if (report.outcome !== "scanned") throw new Error(report.reason);
  return (label) => report.findings.filter(({ needle }) => needle === label).length;
}

describe.skipIf(process.platform !== "linux")("docs/interop.md", () => {
  it("has a row for each bridge, in order", () => {
    expect([...ledger().keys()]).toEqual(BRIDGES.map(({ name }) => name));
  });

  it.each(runtimes)(`says of %s what a scan finds${WITHOUT}`, async (runtime) => {
    if (!isInstalled(runtime)) throw new Error(`${runtime} is not installed`);
    const column = COLUMNS.indexOf(runtime);
    const measured = await measure(runtime);
    if (process.env["LETHE_TELL"] !== undefined) {
      for (const [name, { kept, after }] of measured) {
        process.stdout.write(`${runtime} | ${name} | ${kept}, then ${after}\n`);
      }
    }
    for (const [name, row] of ledger()) {
      const found = measured.get(name);
      if (found === undefined) continue; // it needs a database
      const { kept, after } = found;
      const expected = row[column] as Residue;
      // The collector makes the larger numbers vary; none is none, and some is not many.
      for (const [what, copies, said] of [
        ["kept", kept, expected.kept],
        ["after", after, expected.after],
      ] as const) {
        expect(copies, `${name}, ${what}`).toBeLessThanOrEqual(said === 0 ? 0 : 3 * said + 2);
      }
      // A key object must hold its key: else the scan does not see.
      if (/^create\w+Key|^subtle/.test(name)) expect(kept, name).toBeGreaterThan(0);
    }
  });
});
