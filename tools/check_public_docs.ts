/**
 * Fails on a public symbol, property or method whose docstring says too little (`docstring_rules.ts`), and
 * on everything that `deno doc --lint` finds in the doors: no docstring, or a type that cannot be named.
 *
 *     node tools/check_public_docs.ts
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { faultsOf } from "./docstring_rules.ts";
import { DOORS, moduleOnDeno } from "./doors.ts";
import { publicDocs } from "./public_docs.ts";

const doors = Object.keys(DOORS).flatMap((door) => moduleOnDeno(door) ?? []);
const linted = spawnSync("node_modules/.bin/deno", ["doc", "--lint", ...doors], {
  encoding: "utf8",
  maxBuffer: 2 ** 26,
});
if (linted.status !== 0) {
  // Before the first error it warns of packages that Node's types name and Deno has no need of.
  const said = stripVTControlCharacters(linted.stderr);
  process.stderr.write(said.slice(Math.max(0, said.search(/^error/m))));
  process.exitCode = 1;
}

/** The doors repeat each other: a symbol is named once. */
const faults = new Map(publicDocs().map((doc) => [doc.name.replace(/^\S+ /, ""), faultsOf(doc)]));
const lines = [...faults.values()].flat();
if (lines.length > 0) {
  process.stderr.write(`Docstrings of public symbols:\n  ${lines.join("\n  ")}\n`);
  process.exitCode = 1;
}
