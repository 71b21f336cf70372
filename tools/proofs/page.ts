/** The page of what is promised, and the test that fails without it. */
import { CASES } from "../../conformance/cases/mod.ts";
import { GUARANTEE_NAMES } from "../../core/mod.ts";
import { FAULTY } from "../../testing/faulty/mod.ts";
import { STALE_PAGES } from "../../testing/faulty/stale_pages.ts";
import type { Rule, Sentence } from "./claims.ts";
import { OF_EVERY_MEMORY } from "./rules.ts";
import { parseProbe, runtimesOf, tierOf } from "./tests.ts";

export interface Proven<Claim> {
  readonly claim: Claim;
  readonly probes: readonly string[];
}

const HEAD = `# What is promised, and the test that fails without it

<!-- Printed by npm run docs from the sources: change tools/proofs/ instead. -->

Every claim stands beside its tests. \`npm run ok\` fails when a claim has none, or names one that is gone.

**Tiers.** *unit*: \`npm run test:unit\`, seconds, no other process. *daily*: \`npm test\`, which includes the unit
tier. *soak*: \`npm run soak\`, which runs everything daily too, longer, and on every runtime. A test that looks
from outside, or needs a tool or a right that this machine lacks, says so in its title and does not run.

**Runtimes.** Where a row says *Node, Deno, Bun*, the test starts those runtimes itself: one of them daily, all of
them in the soak. The others run in the runtime that they name.

How many of the small mistakes that a person could make are noticed by a test:
[mutation testing](mutation.md).

`;

const SUITE = `## Guarantees and requirements

The conformance suite asks each memory for each requirement, from inside and from another process. Each
requirement has a faulty memory or library that breaks it and nothing else: \`testing/faulty/faulty.test.ts\` fails if
the suite does not find it. A guarantee is proven by its requirements.

| the suite runs on | daily | soak and \`lethe report\` |
|---|---|---|
| Node 22, 24, 26 | heap; sodium; pages | every memory |
| Deno, Bun | secretmem | every memory |
| Chromium | heap in a page | heap in a page and a worker, every process scanned |
| workerd | heap, from inside | the same |

`;

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}\n\n`;

export function page(
  rules: readonly Proven<Rule>[],
  sentences: readonly Proven<Sentence>[],
  without: Readonly<Record<string, string>>,
): string {
  return [
    HEAD,
    SUITE,
    guarantees(),
    requirements(),
    `## Rules\n\nNumbered where the promise stands, in the docstring of its file.\n\n`,
    ruleTable(rules.filter(({ claim }) => !Object.hasOwn(without, claim.id))),
    `## Sentences of SECURITY.md\n\n`,
    table(["sentence", "held by", "tier", "on"], sentences.map(sentenceRow)),
    `## Without a test\n\n`,
    ...Object.entries(without).map(([id, why]) => `- ${id}: ${why}\n`),
  ].join("");
}

function guarantees(): string {
  const rows = GUARANTEE_NAMES.map((name) => [`\`${name}\``, requirementsOf(name).join(", ")]);
  return table(["guarantee", "requirements"], rows);
}

export const requirementsOf = (name: string): readonly string[] => [
  ...(OF_EVERY_MEMORY[name] ?? []),
  ...CASES.filter(({ guarantee }) => guarantee === name).map(({ id }) => id),
];

function requirements(): string {
  const subjects = [...FAULTY, STALE_PAGES];
  const rows = CASES.map(({ id, title, needs }) => [
    id,
    title,
    needs === "target" ? "another process" : "inside",
    subjects
      .filter(({ breaks }) => breaks === id)
      .map(({ name }) => name)
      .join(", "),
  ]);
  return table(["id", "requirement", "judged from", "faulty subjects that it finds"], rows);
}

function ruleTable(rules: readonly Proven<Rule>[]): string {
  const rows = rules.map(({ claim: { id, text, path }, probes }) => [
    id,
    `${text} ([${path.split("/").at(-1)}](../${path}))`,
    ...cells(probes),
  ]);
  return table(["rule", "promise", "held by", "tier", "on"], rows);
}

function sentenceRow({ claim: { of, text }, probes }: Proven<Sentence>): readonly string[] {
  const cleared = text.replace(/\]\(docs\//g, "](").replace(/\]\((?!http|\w+\.md)/g, "](../");
  const whole = cleared.includes(of) ? cleared : `*${of}:* ${cleared}`;
  return [whole, ...cells(probes)];
}

function cells(probes: readonly string[]): readonly string[] {
  const parsed = probes.map(parseProbe);
  const unique = (values: readonly string[]): string => [...new Set(values)].join("<br>");
  return [
    parsed
      .map(
        ({ path, title }) =>
          `[${short(path)}](../${path})${title === null ? "" : `: ${asCode(title)}`}`,
      )
      .join("<br>"),
    unique(parsed.map(tierOf)),
    unique(parsed.map(runtimesOf)),
  ];
}

/** A title is quoted as it stands. */
const asCode = (title: string): string => `\`${title.replaceAll("`", "'")}\``;

const short = (path: string): string =>
  path
    .replace(/\.test\.ts$/, "")
    .split("/")
    .slice(-2)
    .join("/");
