/** What the sources promise: numbered rules in docstrings, and the sentences of SECURITY.md. */
import { globSync, readFileSync } from "node:fs";
import { ROOMS } from "../rooms.ts";

export interface Rule {
  readonly id: string;
  readonly text: string;
  readonly path: string;
}

const RULE = /^\s*(?:\* - |\/\/ )([A-Z]{3,}-\d+)(?::| {2}) *(.*)$/;
const CONTINUED = /^\s*(?:\* {3}|\/\/ {5})(\S.*)$/;

export function findRules(): readonly Rule[] {
  const rooms = [...new Set(Object.keys(ROOMS).map((room) => room.split("/")[0]))];
  return globSync(`{${rooms}}/**/*.ts`)
    .filter((path) => !/\.test\.ts$|^(?:tools|testing|bench)\//.test(path))
    .sort()
    .flatMap((path) => rulesOf(path, readFileSync(path, "utf8")));
}

function rulesOf(path: string, text: string): readonly Rule[] {
  const rules: Rule[] = [];
  const lines = text.split("\n");
  for (const [at, line] of lines.entries()) {
    const [, id, start] = RULE.exec(line) ?? [];
    if (id === undefined || start === undefined) continue;
    const rest: string[] = [];
    for (const next of lines.slice(at + 1)) {
      const [, more] = CONTINUED.exec(next) ?? [];
      if (more === undefined) break;
      rest.push(more);
    }
    const whole = [start, ...rest].join(" ").replace(/\{@link (\S+?)\}/g, "`$1`");
    rules.push({ id, text: whole, path });
  }
  return rules;
}

/** How a section of SECURITY.md promises something: in the column of a table, in bullets, or in paragraphs. */
type Layout = number | "bullets" | "paragraphs";

const SECTIONS: Readonly<Record<string, Layout>> = {
  Attackers: 2,
  "Attackers around the process": 2,
  "Guarantees and their proofs": "bullets",
  "Sealed and computed on": "bullets",
  "What is shipped": "paragraphs",
};

export interface Sentence {
  /** The row, bullet or section that it stands in. */
  readonly of: string;
  readonly text: string;
}

export function findSentences(document: string): readonly Sentence[] {
  const sentences: Sentence[] = [];
  for (const section of document.split(/^## /m).slice(1)) {
    const [title = "", ...rest] = section.split("\n");
    const layout = SECTIONS[title];
    if (layout === undefined) continue;
    const body = rest.join("\n").replace(/<!-- table[\s\S]*?<!-- \/table -->/g, "");
    for (const [of, text] of unitsOf(title, body, layout)) {
      for (const sentence of text.split(/(?<=[.;])\s+(?=\S)/))
        sentences.push({ of, text: sentence });
    }
  }
  return sentences;
}

type Unit = readonly [of: string, text: string];

function unitsOf(title: string, body: string, layout: Layout): readonly Unit[] {
  if (layout === "paragraphs") return paragraphs(title, body);
  return layout === "bullets" ? bullets(body) : rows(body, layout);
}

function paragraphs(title: string, body: string): readonly Unit[] {
  const texts = body.split(/\n{2,}/).map((text) => text.replace(/\s+/g, " ").trim());
  return texts.filter((text) => text !== "").map((text): Unit => [title, text]);
}

function rows(body: string, column: number): readonly Unit[] {
  return body
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(1)
    .map((line): Unit => {
      const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
      return [cells[1] ?? "", cells[column] ?? ""];
    })
    .filter(([, text]) => !text.startsWith("out of scope"));
}

function bullets(body: string): readonly Unit[] {
  const items = body.split(/^- /m).slice(1);
  return items.map((item): Unit => {
    const text = (item.split(/\n\n/)[0] ?? "").replace(/\s+/g, " ").trim();
    return [/^[^:.]*/.exec(text)?.[0] ?? "", text];
  });
}
