import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { FAULTY } from "../testing/faulty/mod.ts";
import { CASES } from "./cases/mod.ts";

interface Row {
  readonly id: string;
  readonly requirement: string;
  readonly applies: string;
  readonly why: string;
  readonly file: string;
}

const rows = readFileSync(new URL("./SPEC.md", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => /^\| [A-Z]\d+ \|/.test(line))
  .map((line): Row => {
    const [, id = "", requirement = "", applies = "", why = "", link = ""] = line
      .split("|")
      .map((cell) => cell.trim());
    return { id, requirement, applies, why, file: /\((.*)\)/.exec(link)?.[1] ?? "" };
  });

it("every id of SPEC.md has one case, and every case is in SPEC.md", () => {
  expect(rows.map(({ id }) => id).sort()).toEqual(CASES.map(({ id }) => id).sort());
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
});

it("titles, guarantees, methods and needs are those of SPEC.md, and each row has its reason", () => {
  for (const { id, title, guarantee, method, needs } of CASES) {
    const row = rows.find((candidate) => candidate.id === id);
    const narrowed = guarantee ?? method;
    const scope = narrowed === undefined ? "all" : `\`${narrowed}\``;
    const applies = needs === "target" ? `${scope}, outside` : scope;
    expect([id, row?.requirement, row?.applies]).toEqual([id, title, applies]);
    expect(row?.why.length, id).toBeGreaterThan(20);
  }
});

it("SPEC.md links each id to the file that has its case", () => {
  for (const { id, file } of rows) {
    const source = readFileSync(new URL(file, import.meta.url), "utf8");
    expect(source.includes(`id: "${id}"`), `${id} in ${file}`).toBe(true);
  }
});

it("a case rests only on cases that run before it", () => {
  const ids = CASES.map(({ id }) => id);
  CASES.forEach(({ id, rests = [] }, index) => {
    for (const other of rests)
      expect(ids.slice(0, index), `${id} rests on ${other}`).toContain(other);
  });
});

it("every faulty memory breaks a requirement that there is", () => {
  const ids = CASES.map(({ id }) => id);
  for (const { name, breaks } of FAULTY) expect(ids, name).toContain(breaks);
  expect(new Set(FAULTY.map(({ name }) => name)).size).toBe(FAULTY.length);
});
