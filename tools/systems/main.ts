/**
 * Runs Lethe on every system that this machine can be, and prints docs/systems.md.
 *
 *     npm run systems                        everything that runs here
 *     npm run systems -- musl                the systems with a word in their names; the others stay as they were
 *     node tools/systems/main.ts --check     fails when the page is not what the results give
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { INSTALLED, RUNTIMES } from "../../testing/features/prompt/pty.ts";
import {
  EMULATED_PATIENCE,
  emulatedIn,
  installEmulated,
  missingEmulator,
} from "../../testing/system/emulated.ts";
import { installMusl, missingMusl, muslIn } from "../../testing/system/musl.ts";
import type { OtherSystem } from "../../testing/system/other_system.ts";
import { PROGRAMS } from "../../testing/system/programs.ts";
import { page, type Results, type Row } from "./page.ts";

const RESULTS = "docs/systems.json";
const PAGE = "docs/systems.md";

if (process.argv.includes("--check")) {
  const isStale = readFileSync(PAGE, "utf8") !== page(readResults());
  if (isStale) process.stderr.write(`${PAGE} is not what ${RESULTS} gives: run npm run systems\n`);
  process.exit(isStale ? 1 : 0);
}

const word = process.argv[2] ?? "";
const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], {
  encoding: "utf8",
}).stdout.trim();
const host = INSTALLED.map((runtime) => [runtime, RUNTIMES[runtime] ?? []] as const);
const isFresh = (name: string): boolean => name.includes(word);
const results: readonly Results[] = [
  await resultsOf("Linux, x86-64, glibc", "run here", "", () => ({
    around: [],
    runtimes: Object.fromEntries(host),
  })),
  await resultsOf("Linux, arm64, glibc", "emulated: qemu-user 7.2", missingEmulator(), (folder) => {
    installEmulated(folder);
    return emulatedIn(folder);
  }),
  await resultsOf("Linux, x86-64, musl", "run here, Bun alone", missingMusl(), (folder) => {
    installMusl(folder);
    return muslIn(folder);
  }),
];
writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
writeFileSync(PAGE, page(results));

async function resultsOf(
  system: string,
  how: string,
  missing: string,
  open: (folder: string) => OtherSystem,
): Promise<Results> {
  const before = isFresh(system) ? undefined : readResults().find((one) => one.system === system);
  if (before !== undefined) return before;
  if (missing !== "") return { system, how: `not run: ${missing}`, commit, rows: [] };
  const folder = mkdtempSync(join(tmpdir(), "lethe-systems-"));
  try {
    const { around, runtimes } = open(folder);
    return { system, how, commit, rows: await rowsOf(system, around, runtimes) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function rowsOf(
  system: string,
  around: readonly string[],
  runtimes: Readonly<Record<string, readonly string[]>>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [runtime, command] of Object.entries(runtimes)) {
    for (const [program, run] of Object.entries(PROGRAMS)) {
      const { end, detail } = await run({ around, command, patience: EMULATED_PATIENCE });
      rows.push({ runtime, program, end, detail });
      process.stdout.write(`${system}, ${runtime}, ${program}: ${end}; ${detail}\n`);
    }
  }
  return rows;
}

function readResults(): readonly Results[] {
  return JSON.parse(readFileSync(RESULTS, "utf8")) as readonly Results[];
}
