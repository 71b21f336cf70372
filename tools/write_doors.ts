/**
 * Makes the exports of package.json and deno.json from the table of doors.
 *
 *     node tools/write_doors.ts            writes them
 *     node tools/write_doors.ts --check    fails when they differ
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { conditionsOf, DOORS, moduleOnJsr } from "./doors.ts";

function forNpm(): Record<string, unknown> {
  const entries = Object.keys(DOORS).map((name) => [name, conditionsOf(name)]);
  return { ...Object.fromEntries(entries), "./package.json": "./package.json" };
}

function forJsr(): Record<string, string> {
  return Object.fromEntries(Object.keys(DOORS).map((name) => [name, moduleOnJsr(name)]));
}

let differ = false;
for (const [file, wanted] of [
  ["package.json", forNpm()],
  ["deno.json", forJsr()],
] as const) {
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const same = JSON.stringify(manifest["exports"]) === JSON.stringify(wanted); // the order of conditions counts
  if (same) continue;
  if (process.argv.includes("--check")) {
    process.stdout.write(
      `The exports of ${file} are not those of tools/doors.ts: node tools/write_doors.ts\n`,
    );
    differ = true;
  } else {
    writeFileSync(file, `${JSON.stringify({ ...manifest, exports: wanted }, null, 2)}\n`);
  }
}
process.exitCode = differ ? 1 : 0;
