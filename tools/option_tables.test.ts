/** Tables of options in the documents, held to the interfaces, and their numbers to the code as well. */
import { globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";

/** A page, and the interfaces whose every option it has, by their file. */
const TABLES = [
  ["docs/rotation.md", "features/rotation/options.ts", "RotatingOptions"],
  ["docs/agent.md", "features/agent/agent.ts", "AgentOptions"],
  ["docs/pkcs11.md", "features/pkcs11/types.ts", "Pkcs11Options"],
  ["docs/pkcs11.md", "features/pkcs11/types.ts", "IsolatedPkcs11Options"],
  ["docs/envelopes.md", "features/age_plugins/types.ts", "PluginOptions"],
  ["docs/stores.md", "features/stores/etcd/etcd_options.ts", "EtcdStoreOptions"],
  ["docs/crypto.md", "features/crypto/options.ts", "VerifyPasswordOptions"],
] as const;

/** The options of an interface with the default that the docstring of each names. */
function optionsOf(file: string, name: string): ReadonlyMap<string, string> {
  const text = readFileSync(file, "utf8");
  const [, body = ""] =
    new RegExp(`export interface ${name}[^{]*{\n([\\s\\S]*?)\n}`).exec(text) ?? [];
  const options = body.matchAll(/\/\*\*([\s\S]*?)\*\/\s+readonly (\w+)\??:/g);
  return new Map(
    [...options].map(([, comment = "", option = ""]) => {
      const words = comment.replace(/\s*\n\s*\* ?/g, " ");
      return [option, /Default: (.*?)(?:\.(?:\s|$)|$)/.exec(words)?.[1]?.trim() ?? ""];
    }),
  );
}

/** The last cell of the row of each option. */
function rowsOf(page: string): ReadonlyMap<string, string> {
  const rows = readFileSync(page, "utf8").matchAll(/^\| `(\w+)` \|.*\|([^|]*)\|$/gm);
  return new Map([...rows].map(([, option = "", cell = ""]) => [option, cell.trim()]));
}

describe.each(TABLES)("%s, %s: %s", (page, file, name) => {
  const rows = rowsOf(page);
  const options = optionsOf(file, name);

  it("has every option", () => {
    expect(options.size).toBeGreaterThan(0);
    expect([...options.keys()].filter((option) => !rows.has(option))).toEqual([]);
  });

  it("has the numbers of the docstrings and of the code", () => {
    const code = codeBeside(file);
    for (const [option, named] of options) {
      const number = /^[\d,.]+(?= |$)/.exec(named)?.[0];
      if (number === undefined) continue;
      expect([option, rows.get(option)]).toEqual([option, expect.stringContaining(number)]);
      if (named !== number) continue; // 16 passes over 256 MiB
      const digits = number.replaceAll(",", "");
      expect([option, defaultsIn(code, option)]).toEqual([option, [digits]]);
    }
  });
});

/** What is set of them in a pattern: `{ timeout = 10_000 }`. The start of a process is the custodian's. */
function codeBeside(file: string): string {
  const paths = globSync([`${dirname(file)}/*.ts`, "features/custodian/*.ts"]);
  const own = paths.filter((path) => !path.endsWith(".test.ts"));
  return own.map((path) => readFileSync(path, "utf8")).join("");
}

function defaultsIn(code: string, option: string): readonly string[] {
  const set = code.matchAll(new RegExp(`[{,]\\s+${option} = ([A-Z_]+|[\\d_.]+)[ ,]`, "g"));
  const values = [...set].map(([, value = ""]) =>
    /\d/.test(value) ? value : new RegExp(`\\b${value} = ([\\d_.]+);`).exec(code)?.[1],
  );
  return [...new Set(values.map((value) => value?.replaceAll("_", "") ?? "unknown"))];
}

it("docs/rotation.md has every kind of event with what it has", () => {
  const text = readFileSync("features/rotation/events.ts", "utf8");
  const kinds = [...text.matchAll(/readonly kind: "([\w-]+)"/g)].map(([, kind]) => kind);
  const page = readFileSync("docs/rotation.md", "utf8");
  expect(kinds.length).toBeGreaterThan(7);
  expect(kinds.filter((kind) => !page.includes(`\n| \`${kind}\` |`))).toEqual([]);
});
