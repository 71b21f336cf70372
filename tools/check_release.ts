/**
 * Fails when a tag is not a release of this tree: the versions for npm and JSR are not the tag's, CHANGELOG.md
 * has no heading for it, or the repository is a placeholder. It imports no package: a release runs it first.
 *
 *     node tools/check_release.ts v1.2.3
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { PLACEHOLDER, repositoryHere } from "./repository.ts";

/** What a release is made of. */
export interface Release {
  readonly tag: string;
  readonly npmVersion: string;
  readonly jsrVersion: string;
  readonly changelog: string;
  readonly repository: string;
}

/** Why it cannot be published, one line for each reason. */
export function faultsOf(release: Release): readonly string[] {
  const { tag, npmVersion, jsrVersion, changelog, repository } = release;
  const version = /^v(\d+\.\d+\.\d+(?:-[\w.]+)?)$/.exec(tag)?.[1];
  if (version === undefined)
    return [`${JSON.stringify(tag)} is not a tag of a release, such as v1.2.3`];
  const headings = changelog.split("\n").filter((line) => line.startsWith("## "));
  const hasHeading = headings.some((line) => line.split(/[ []|\]/).includes(version));
  return [
    ...(npmVersion === version ? [] : [`package.json has version ${npmVersion}`]),
    ...(jsrVersion === version ? [] : [`deno.json has version ${jsrVersion}`]),
    ...(hasHeading ? [] : [`CHANGELOG.md has no heading ## ${version}`]),
    ...(repository.startsWith(`${PLACEHOLDER}/`)
      ? ["package.json has a placeholder for the repository: node tools/repository.ts OWNER/NAME"]
      : []),
  ];
}

function versionOf(file: string): string {
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const faults = faultsOf({
    tag: process.argv[2] ?? "",
    npmVersion: versionOf("package.json"),
    jsrVersion: versionOf("deno.json"),
    changelog: readFileSync("CHANGELOG.md", "utf8"),
    repository: repositoryHere(),
  });
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
