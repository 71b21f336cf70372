import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const table = readFileSync("docs/operations.md", "utf8");
const report = readFileSync("docs/api.txt", "utf8");

/** Methods of a type of the API report, as they stand in the table: names of parameters, and `?`. */
function methodsOf(type: string): ReadonlySet<string> {
  const lines = report.split("\n");
  const methods = new Set<string>();
  for (
    let at = lines.findIndex((line) => isHead(line, type)) + 1;
    /^ {2}/.test(lines[at] ?? "");
    at++
  ) {
    const [, name, parameters] = /^ {2}(\w+)\((.*)\): /.exec(lines[at] ?? "") ?? [];
    if (name === undefined || parameters === undefined) continue;
    const names = [...parameters.matchAll(/(?:^|, )(\w+\??): /g)].map(([, each]) => each);
    methods.add(`${name}(${names.join(", ")})`);
  }
  return methods;
}

const isHead = (line: string, type: string): boolean =>
  line === `interface ${type}` || line.startsWith(`interface ${type} `);

/** What stands in a column of the table, but for what is said of another door. */
function shown(column: number): readonly string[] {
  const rows = table.split("\n").filter((line) => line.startsWith("| ") && line.includes("`"));
  const cells = rows.slice(1).map((row) => row.split(" | ")[column] ?? "");
  return cells.flatMap(calls);
}

const calls = (text: string): readonly string[] =>
  [...text.matchAll(/`(\w+\([^`]*\))`/g)].map(([, call]) => call as string);

describe("the table of operations", () => {
  it.each([
    ["SecretCrypto", 1],
    ["Custodian", 2],
    ["KeyFiles", 3],
  ] as const)("has each method of %s once, with its parameters", (type, column) => {
    const alone = type === "SecretCrypto" ? calls(table.split("Of crypto alone")[1] ?? "") : [];
    const elsewhere = /^(?:openEnclaves|promptSecret)\(/;
    const listed = [...shown(column), ...alone].filter((call) => !elsewhere.test(call));
    expect([...listed].sort()).toEqual([...methodsOf(type)].sort());
  });
});
