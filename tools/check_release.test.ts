import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { faultsOf, type Release } from "./check_release.ts";
import { moved, PLACES, repositoriesIn, repositoryHere } from "./repository.ts";

const RELEASE: Release = {
  tag: "v1.2.3",
  npmVersion: "1.2.3",
  jsrVersion: "1.2.3",
  changelog: "# Changelog\n\n## 1.2.3 - 2026-01-02\n",
  repository: "someone/lethe",
};

it.each([
  [{}, []],
  [{ changelog: "## [1.2.3]\n" }, []],
  [{ tag: "1.2.3" }, ["is not a tag of a release"]],
  [{ tag: "v1.2" }, ["is not a tag of a release"]],
  [{ npmVersion: "1.2.4" }, ["package.json has version 1.2.4"]],
  [{ jsrVersion: "1.2.2" }, ["deno.json has version 1.2.2"]],
  [{ changelog: "## Unreleased\n\n1.2.3\n" }, ["CHANGELOG.md has no heading"]],
  [{ changelog: "## 11.2.3\n" }, ["CHANGELOG.md has no heading"]],
  [{ repository: "OWNER/lethe" }, ["placeholder"]],
])("a release with %o has the faults %j", (change, faults) => {
  expect(faultsOf({ ...RELEASE, ...change })).toEqual(
    faults.map((fault) => expect.stringContaining(fault)),
  );
});

it("says one repository everywhere, and moves all of it", () => {
  for (const place of PLACES) {
    const text = readFileSync(place, "utf8");
    expect(new Set(repositoriesIn(text)), place).toEqual(new Set([repositoryHere()]));
    const other = moved(text, "someone/else.js");
    expect(new Set(repositoriesIn(other)), place).toEqual(new Set(["someone/else.js"]));
    expect(repositoriesIn(other).length).toBe(repositoriesIn(text).length);
  }
});
