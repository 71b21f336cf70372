import { readFileSync } from "node:fs";

/** What a section of docs/bundling.md says how to do. */
export interface Documented {
  /** Files to write: what their first line names them. */
  readonly files: Readonly<Record<string, string>>;
  /** Commands, as words. */
  readonly commands: readonly (readonly string[])[];
}

const DOCUMENT = readFileSync("docs/bundling.md", "utf8");

/** Reads the code of a section: blocks of `sh` are commands, others are files with a comment as first line. */
export function documented(heading: string): Documented {
  const section = DOCUMENT.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/bundling.md has no section ${heading}`);
  const files: Record<string, string> = {};
  const commands: string[][] = [];
  for (const [, kind, code = ""] of section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (kind === "sh") commands.push(...code.trim().split("\n").map(wordsOf));
    else files[nameIn(code)] = code.replace(/^\/\/.*\n/, "");
  }
  return { files, commands };
}

/** The headings of its sections about tools. */
export function documentedTools(): readonly string[] {
  return [...DOCUMENT.matchAll(/^### (.*)$/gm)].map(([, heading = ""]) => heading);
}

function wordsOf(line: string): string[] {
  return line.replace(/ +#.*$/, "").split(" ");
}

function nameIn(code: string): string {
  const name = /^(?:\/\/|#) (\S+)\n/.exec(code)?.[1];
  if (name === undefined) throw new Error(`docs/bundling.md does not name a file:\n${code}`);
  return name;
}
