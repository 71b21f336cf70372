/**
 * The public names of each door and their signatures, without what is said of them: a change of the API is
 * a change of docs/api.txt.
 *
 *     node tools/api_report.ts            writes it
 *     node tools/api_report.ts --check    fails when it differs
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { DOORS, moduleOnDeno } from "./doors.ts";
import { denoDoc } from "./public_docs.ts";

const REPORT = "docs/api.txt";

/** Part of what `deno doc --json` says of a module. */
interface Described {
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly Symbol[] }>>;
}
interface Symbol {
  readonly name: string;
  readonly declarations: readonly { readonly def?: Readonly<Record<string, unknown>> }[];
}

/** Names of properties and methods, of all types of a module. */
function memberNames(module: string): Set<string> {
  const { nodes } = JSON.parse(denoDoc("--json", module)) as Described;
  const names = new Set<string>();
  for (const { declarations } of Object.values(nodes).flatMap(({ symbols }) => symbols)) {
    for (const members of declarations.flatMap(({ def }) => Object.values(def ?? {}))) {
      if (!Array.isArray(members)) continue;
      for (const { name } of members as readonly { name?: unknown }[]) {
        if (typeof name === "string") names.add(name);
      }
    }
  }
  return names;
}

const TOP = /^(?:abstract class|class|const|function|interface|type|enum|namespace) /;
const MEMBER = /^ {2}(?:(?:readonly|static|abstract|get|set) )*(\[?[\w.$]+\]?)[?(<:]/;

/** The lines of the signatures. A comment is indented below what it is about. */
function signatures(module: string): readonly string[] {
  const members = memberNames(module);
  return denoDoc(module)
    .split("\n")
    .filter((line) => TOP.test(line) || members.has(MEMBER.exec(line)?.[1] ?? ""))
    .map((line) => line.trimEnd());
}

/** But for those that have all of a runtime in one: they repeat the others. */
const doors = Object.keys(DOORS).filter((name) => {
  const module = moduleOnDeno(name);
  return module !== null && !/adapters\/\w+\/mod\.ts$/.test(module);
});
const text = doors
  .map((name) => {
    const lines = signatures(moduleOnDeno(name) as string);
    const title = name === "." ? "lethe" : `lethe/${name.slice(2)}`;
    return `## ${title}\n\n${lines.join("\n")}\n`;
  })
  .join("\n");

if (!process.argv.includes("--check")) writeFileSync(REPORT, text);
else if (readFileSync(REPORT, "utf8") !== text) {
  process.stdout.write(
    `The API is not what ${REPORT} says: node tools/api_report.ts, then look at the diff\n`,
  );
  process.exitCode = 1;
}
