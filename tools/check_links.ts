/**
 * Fails on a link that leads nowhere: from a document to a file or heading, from a docstring to a page of
 * docs/, and from a public docstring to a symbol.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { publicDocs } from "./public_docs.ts";

const LINKS: readonly RegExp[] = [
  /\[[^\]]*\]\(([^)\s]+)(?: "[^"]*")?\)/g,
  /^\[[^\]]+\]: (\S+)/gm,
  /\b(?:src|srcset|href)="([^"]+)"/g,
];

/** Where the links of a document lead: neither code nor its examples of links. */
export function linksIn(document: string): readonly string[] {
  const prose = document.replace(/^(`{3,})[\s\S]*?^\1$/gm, "").replace(/`[^`\n]*`/g, "");
  return LINKS.flatMap((pattern) => [...prose.matchAll(pattern)].map(([, link = ""]) => link));
}

/** The anchors of a document's headings, as GitHub makes them: a second one of the same name has `-1`. */
export function anchorsIn(document: string): readonly string[] {
  const prose = document.replace(/^(`{3,})[\s\S]*?^\1$/gm, "");
  const seen = new Map<string, number>();
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => {
    const anchor = heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number} _-]/gu, "")
      .replaceAll(" ", "-");
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

/** Whether a link of the document `from` leads nowhere. Addresses of the web are not asked. */
export function isBroken(from: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return false;
  const [file = "", fragment] = link.split("#");
  const path = file === "" ? from : join(dirname(from), file);
  if (!existsSync(path)) return true;
  return fragment !== undefined && !anchorsIn(readFileSync(path, "utf8")).includes(fragment);
}

/** Pages that a source or a text of the program names, such as `docs/keys.md#forms`. */
export function pagesNamedIn(source: string): readonly string[] {
  return [...source.matchAll(/\bdocs\/\w+\.md(?:#[\w-]+)?/g)].map(([page]) => page);
}

/** Symbols that a docstring links to, by their first name. */
export function symbolsIn(text: string): readonly string[] {
  return [...text.matchAll(/\{@link ([\w.]+)/g)].map(([, name = ""]) => name);
}

function brokenLinks(): readonly string[] {
  const documents = globSync(["*.md", "docs/**/*.md", "conformance/**/*.md", ".github/**/*.md"]);
  return documents.flatMap((path) =>
    linksIn(readFileSync(path, "utf8"))
      .filter((link) => isBroken(path, link))
      .map((link) => `${path}: ${link}`),
  );
}

function missingPages(): readonly string[] {
  const rooms = "{core,system,memories,engines,features,adapters,cli,conformance,examples}";
  return globSync(`${rooms}/**/*.ts`).flatMap((path) =>
    pagesNamedIn(readFileSync(path, "utf8"))
      .filter((page) => isBroken("README.md", page))
      .map((page) => `${path}: ${page}`),
  );
}

function unknownSymbols(): readonly string[] {
  const docs = publicDocs();
  const known = new Set(docs.map(({ name }) => name.replace(/^\S+ /, "")));
  return docs.flatMap(({ name, text }) =>
    symbolsIn(text ?? "")
      .filter((symbol) => !known.has(symbol))
      .map((symbol) => `${name}: {@link ${symbol}}`),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const broken = new Set([...brokenLinks(), ...missingPages(), ...unknownSymbols()]);
  if (broken.size > 0) {
    process.stderr.write(`Broken links:\n  ${[...broken].join("\n  ")}\n`);
    process.exitCode = 1;
  }
}
