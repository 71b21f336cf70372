import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { apiDoors, inLines } from "./api_pages.ts";
import { groupsOf, withLinks } from "./content.ts";

const KNOWN = new Set(["README.md", "SECURITY.md", "docs/README.md", "docs/tour.md"]);

describe("the content of the site", () => {
  it.each([
    ["README.md", "[a](docs/tour.md#x)", "[a](./docs/tour.md#x)"],
    ["README.md", "[a](docs/README.md)", "[a](./docs/index.md)"],
    ["docs/tour.md", "[a](../README.md#use)", "[a](../index.md#use)"],
    ["docs/tour.md", "[a](api.txt)", "[a](../api/index.md)"],
    [
      "docs/tour.md",
      "[a](#here) [b](https://example.org/)",
      "[a](#here) [b](https://example.org/)",
    ],
    ["README.md", '<img src="docs/residue.svg">', '<img src="./docs/residue.svg">'],
    ["docs/tour.md", "```md\n[a](../x.ts)\n```", "```md\n[a](../x.ts)\n```"],
  ])("of %s has %s as %s", (path, text, expected) => {
    expect(withLinks(path, text, KNOWN)).toBe(expected);
  });

  it("leads to sources in the repository", () => {
    expect(withLinks("docs/tour.md", "[a](../core/bytes.ts)", KNOWN)).toMatch(
      /^\[a\]\(https:\/\/github\.com\/\S+\/lethe\/blob\/main\/core\/bytes\.ts\)$/,
    );
  });

  it("lists beside each page every document that docs/README.md lists", () => {
    const links = groupsOf(readFileSync("docs/README.md", "utf8")).flatMap(({ items }) =>
      items.map(({ link }) => link),
    );
    expect(links).toEqual(expect.arrayContaining(["/", "/docs/tour", "/SECURITY"]));
    const unlisted = globSync("docs/*.md")
      .map((path) => `/${path.replace(/(?:README)?\.md$/, "")}`)
      .filter((link) => link !== "/docs/" && !links.includes(link));
    // Reached from the page that they belong to.
    expect(unlisted.sort()).toEqual(["/docs/key_file_format", "/docs/operations"]);
  });

  it("has a page for each import of a program", () => {
    expect(apiDoors()).toEqual(expect.arrayContaining([".", "./crypto", "./keys", "./memory"]));
    expect(apiDoors()).not.toContain("./node");
  });

  it("breaks a long signature at its parameters", () => {
    expect(inLines("function wipe(bytes: Uint8Array): boolean")).toBe(
      "function wipe(bytes: Uint8Array): boolean",
    );
    const use = "use: (views: Views<S, T>) => Promise<readonly T[]>";
    expect(inLines(`function all<S extends readonly X[], T>(secrets: S, ${use}): Promise<T>`)).toBe(
      `function all<S extends readonly X[], T>(\n  secrets: S,\n  ${use},\n): Promise<T>`,
    );
  });
});
