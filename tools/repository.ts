/**
 * Says where the repository is, in every file that has to say it. Until that is known, the owner is the
 * placeholder OWNER, and `check_release.ts` lets nothing be published.
 *
 *     node tools/repository.ts                 prints it
 *     node tools/repository.ts OWNER/NAME      writes it
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";

/** package.json is the one that says it; the others repeat it, because nothing computes them. */
export const PLACES = ["package.json", ".github/ISSUE_TEMPLATE/config.yml"] as const;
export const PLACEHOLDER = "OWNER";

const ADDRESS = /(?<=https:\/\/github\.com\/)[\w.-]+\/[\w.-]+?(?=\.git\b|[/#"\s])/g;

/** Every `OWNER/NAME` that a text says. */
export function repositoriesIn(text: string): readonly string[] {
  return text.match(ADDRESS) ?? [];
}

/** The text with another repository. */
export function moved(text: string, repository: string): string {
  return text.replace(ADDRESS, repository);
}

/** Of package.json, as `OWNER/NAME`. */
export function repositoryHere(): string {
  return repositoriesIn(readFileSync(PLACES[0], "utf8"))[0] ?? "";
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [repository] = process.argv.slice(2);
  if (repository === undefined) {
    process.stdout.write(`${repositoryHere()}\n`);
  } else if (/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    for (const place of PLACES)
      writeFileSync(place, moved(readFileSync(place, "utf8"), repository));
  } else {
    process.stderr.write(`The repository is given as OWNER/NAME\n`);
    process.exitCode = 2;
  }
}
