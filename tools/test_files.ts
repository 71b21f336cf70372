/** What test files say, themselves or through the helpers in testing/ that they import. */
import { existsSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path/posix";

const IMPORT = /\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

/** Tells of a path whether its text, or that of a helper of tests that it imports, has what matches. */
export function saying(pattern: RegExp): (path: string) => boolean {
  const seen = new Map<string, boolean>();
  const says = (path: string): boolean => {
    const known = seen.get(path);
    if (known !== undefined) return known;
    seen.set(path, false);
    const found = pattern.test(textOf(path)) || helpersOf(path).some(says);
    seen.set(path, found);
    return found;
  };
  return says;
}

/** The modules in testing/ that a file imports itself. */
export function helpersOf(path: string): readonly string[] {
  return [...textOf(path).matchAll(IMPORT)]
    .map(([, specifier = ""]) => normalize(join(path, "..", specifier)))
    .filter((helper) => helper.startsWith("testing/"));
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
