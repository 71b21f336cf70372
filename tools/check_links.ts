/** Fails when a document links to a file, or to a heading of a document, that is not there. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;

/** A heading's anchor, as GitHub makes it. */
function anchor(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number} _-]/gu, "")
    .replaceAll(" ", "-");
}

function headings(document: string): readonly string[] {
  return [...document.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading ?? ""));
}

function isBroken(from: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return false;
  const [file = "", fragment] = link.split("#");
  const path = file === "" ? from : join(dirname(from), file);
  if (!existsSync(path)) return true;
  return fragment !== undefined && !headings(readFileSync(path, "utf8")).includes(fragment);
}

const documents = globSync(["*.md", "docs/**/*.md", "conformance/**/*.md"]);
const broken = documents.flatMap((path) =>
  [...readFileSync(path, "utf8").matchAll(LINK)]
    .map(([, link = ""]) => link)
    .filter((link) => isBroken(path, link))
    .map((link) => `${path}: ${link}`),
);
if (broken.length > 0) {
  process.stderr.write(`Broken links:\n  ${broken.join("\n  ")}\n`);
  process.exitCode = 1;
}
