/**
 * Runs Lethe's programs on machines that lack something, and prints docs/hostile.md. Linux, as root.
 *
 *     npm run hostile                        on Node.js 24
 *     npm run hostile -- bun deno            on other runtimes; the columns of the others stay
 *     node tools/hostile/main.ts --check     fails when the page is not what the results give
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { compileFilter, NO_FILTER } from "../../testing/memories/pages/hostile.ts";
import { PROGRAMS } from "../../testing/system/programs.ts";
import { MACHINES, type Machine } from "../../testing/whole/machines.ts";
import { type HostileRow, page } from "./page.ts";

const RESULTS = "docs/hostile.json";
const PAGE = "docs/hostile.md";
/** The one that lives while limits are set, and those that are run where the files are other ones. */
const [, LIFE = "", ...OTHERS] = Object.keys(PROGRAMS);

const NAMES: readonly string[] = MACHINES.map(({ name }) => name);

if (process.argv.includes("--check")) {
  const isStale = readFileSync(PAGE, "utf8") !== page(readRows(), NAMES);
  if (isStale) process.stderr.write(`${PAGE} is not what ${RESULTS} gives: run npm run hostile\n`);
  process.exit(isStale ? 1 : 0);
}
if (process.getuid?.() !== 0 || NO_FILTER !== "") {
  process.stderr.write("npm run hostile takes Linux, root and a C compiler\n");
  process.exit(1);
}

if (/^\/(tmp|dev\/shm)\//.test(process.cwd())) {
  process.stderr.write(
    "One machine hides /tmp and /dev/shm: run this in a clone that lies elsewhere\n",
  );
  process.exit(1);
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ["node-24"];
const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], {
  encoding: "utf8",
}).stdout.trim();
const folder = mkdtempSync("/var/tmp/lethe-hostile-");
const filter = compileFilter();
const rows: HostileRow[] = readRows().filter(({ runtime }) => !wanted.includes(runtime));
try {
  writeFileSync(join(folder, "empty.mjs"), `import "node:process";`);
  for (const runtime of wanted) for (const machine of MACHINES) await runOn(machine, runtime);
} finally {
  filter.remove();
  rmSync(folder, { recursive: true });
}
writeFileSync(PAGE, page(rows, NAMES));

async function runOn(machine: Machine, runtime: string): Promise<void> {
  const command = RUNTIMES[runtime] ?? [];
  const around = machine.around?.({ folder, filter }) ?? [];
  const env = machine.env?.({ folder, filter });
  const [file = "", ...rest] = [...around, ...command, join(folder, "empty.mjs")];
  const starts = spawnSync(file, rest, { env: { ...process.env, ...env } }).status === 0;
  const ready = (pid: number): void => {
    for (const limit of machine.limits?.(pid, runtime) ?? []) {
      spawnSync("/usr/bin/prlimit", ["--pid", `${pid}`, `--${limit}`]);
    }
  };
  for (const program of isAboutFiles(machine) ? [LIFE, ...OTHERS] : [LIFE]) {
    const place = { around, command, ready, ...(env === undefined ? {} : { env }) };
    const { end, detail } = starts
      ? ((await PROGRAMS[program]?.(place)) ?? { end: "not run", detail: "" })
      : { end: "the runtime itself does not start", detail: "" };
    rows.push({ machine: machine.name, runtime, commit, program, end, detail });
    process.stdout.write(`${machine.name}, ${runtime}, ${program}: ${end}; ${detail}\n`);
  }
  // Also of a run that is broken off.
  writeFileSync(RESULTS, `${JSON.stringify(rows, null, 2)}\n`);
}

function isAboutFiles({ limits, name }: Machine): boolean {
  return limits === undefined && !name.startsWith("whose filter");
}

function readRows(): readonly HostileRow[] {
  return existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, "utf8")) as HostileRow[]) : [];
}
