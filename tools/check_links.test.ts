import { expect, it } from "vitest";
import { anchorsIn, isBroken, linksIn, pagesNamedIn, symbolsIn } from "./check_links.ts";

it("finds the links of a document, of every kind, and none in code", () => {
  const document =
    'See [one](a.md#b) and [two](c.md "title").\n[three]: d.md\n<img src="e.svg" srcset="f.svg">' +
    "\n`[four](g.md)`\n```md\n[five](h.md)\n```\n";
  expect(linksIn(document)).toEqual(["a.md#b", "c.md", "d.md", "e.svg", "f.svg"]);
});

it("makes anchors as GitHub does, of headings alone", () => {
  expect(anchorsIn("# What `x` is\n```sh\n# no heading\n```\n## Use\n## Use\n")).toEqual([
    "what-x-is",
    "use",
    "use-1",
  ]);
});

it.each([
  ["README.md", "https://example.org/nowhere", false],
  ["README.md", "docs/README.md", false],
  ["README.md", "docs/nowhere.md", true],
  ["docs/README.md", "../README.md", false],
  ["docs/README.md", "docs/README.md", true],
  ["CONTRIBUTING.md", "#layers", false],
  ["CONTRIBUTING.md", "#nowhere", true],
] as const)("from %s, %s is broken: %s", (from, link, broken) => {
  expect(isBroken(from, link)).toBe(broken);
});

it("reads pages and symbols that sources and docstrings name", () => {
  expect(pagesNamedIn("see docs/keys.md#forms, and docs/x.md.")).toEqual([
    "docs/keys.md#forms",
    "docs/x.md",
  ]);
  expect(symbolsIn("{@link Secrets.allocate} and {@link wipeBytes}")).toEqual([
    "Secrets.allocate",
    "wipeBytes",
  ]);
});
