/**
 * Fails on turns that an English-speaking engineer reads twice: in the documents, in texts of the program
 * (errors, --help) and in docstrings of what is public. `banned_turns.ts` has the list.
 *
 *     node tools/check_english.ts
 */
import { globSync, readFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { BANNED } from "./banned_turns.ts";
import { publicDocs } from "./public_docs.ts";

const DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/*.md", "conformance/*.md"];
const SOURCES = "{core,system,memories,engines,features,adapters,cli,conformance}/**/*.ts";

/** A text that people read, and where it is. */
interface Text {
  readonly place: string;
  readonly text: string;
}

/** What is wrong with a text, one line for each turn. */
export function faultsIn({ place, text }: Text): readonly string[] {
  const line = text.replace(/\s+/g, " ");
  return BANNED.flatMap(([turn, instead]) => {
    const found = turn.exec(line);
    if (found === null) return [];
    const around = line.slice(Math.max(0, found.index - 40), found.index + 60);
    return [`${place}: "${found[0].slice(0, 50)}" in "${around}": ${instead}`];
  });
}

/** The paragraphs, list items and rows of a document, without its code. */
export function paragraphs(place: string, document: string): readonly Text[] {
  const prose = document.replace(/^```[\s\S]*?^```$/gm, "");
  return prose.split(/\n\s*\n|\n(?=\s*(?:[|#-]|\d+\.) )/).map((text) => ({ place, text }));
}

/** The strings of a program that are sentences: of three words or more. */
export function sentences(place: string, source: string): readonly Text[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return [...code.matchAll(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g)]
    .map(([text]) => ({ place, text }))
    .filter(({ text }) => /\w \w+ \w/.test(text));
}

function everyText(): readonly Text[] {
  const documents = globSync(DOCUMENTS).flatMap((path) =>
    paragraphs(path, readFileSync(path, "utf8")),
  );
  const programs = globSync(SOURCES)
    .filter((path) => !path.endsWith(".test.ts"))
    .flatMap((path) => sentences(path, readFileSync(path, "utf8")));
  // The doors of one runtime repeat the others.
  const docs = new Map(publicDocs().map(({ name, text }) => [text ?? "", name]));
  return [...documents, ...programs, ...[...docs].map(([text, place]) => ({ place, text }))];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const faults = new Set(everyText().flatMap(faultsIn));
  if (faults.size > 0) {
    process.stderr.write(`English to mend:\n  ${[...faults].join("\n  ")}\n`);
    process.exitCode = 1;
  }
}
