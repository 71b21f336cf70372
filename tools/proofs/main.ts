/**
 * Prints docs/proofs.md: each promise, the test that holds it, its tier and its runtimes.
 *
 *     node tools/proofs/main.ts            writes it
 *     node tools/proofs/main.ts --check    fails when it is stale
 *
 * Both fail when a claim has no test, a named test is not there, or a line of a list names no claim any more.
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { CASES } from "../../conformance/cases/mod.ts";
import { GUARANTEE_NAMES } from "../../core/mod.ts";
import { findRules, findSentences, type Rule, type Sentence } from "./claims.ts";
import { LIMITS } from "./limits.ts";
import { type Proven, page, requirementsOf } from "./page.ts";
import { BY_REQUIREMENT, RULES, WITHOUT_TEST } from "./rules.ts";
import { SENTENCES } from "./security.ts";
import { faultOf, parseProbe, testsNaming, testsOfFaulty } from "./tests.ts";

const PATH = "docs/proofs.md";
const faults: string[] = [];

const rules = findRules();
const provenRules = rules.map(proveRule);
const provenSentences = proveSentences(findSentences(readFileSync("SECURITY.md", "utf8")));
findStale();
for (const name of GUARANTEE_NAMES) {
  const unknown = requirementsOf(name).filter((id) => !CASES.some((one) => one.id === id));
  if (requirementsOf(name).length === 0) faults.push(`no requirement asks for ${name}`);
  for (const id of unknown) faults.push(`tools/proofs/rules.ts: there is no requirement ${id}`);
}

const text = page(provenRules, provenSentences, WITHOUT_TEST);
if (!process.argv.includes("--check")) writeFileSync(PATH, text);
else if (readFileSync(PATH, "utf8") !== text) faults.push(`${PATH} is stale: run npm run docs`);
for (const fault of faults) process.stderr.write(`${fault}\n`);
const probes = new Set([...provenRules, ...provenSentences].flatMap((one) => one.probes));
process.stdout.write(
  `${rules.length} rules, ${CASES.length} requirements, ${provenSentences.length} sentences, ${probes.size} probes, ${faults.length} faults\n`,
);
process.exit(faults.length > 0 ? 1 : 0);

function proveRule(rule: Rule): Proven<Rule> {
  const { id, path } = rule;
  if (rules.some((other) => other.id === id && other !== rule)) {
    faults.push(`${id} of ${path} is the id of another rule too`);
  }
  const probes = [
    ...(RULES[id] ?? []),
    ...byRequirement(id),
    ...testsNaming(id),
    ...testsOfFaulty(id),
  ];
  if (probes.length === 0 && !Object.hasOwn(WITHOUT_TEST, id)) {
    faults.push(
      `${id} of ${path} has no test: name ${id} in a title, or a test in tools/proofs/rules.ts`,
    );
  }
  return { claim: rule, probes: checked(id, probes) };
}

/** A rule that a requirement of the suite asks for. */
function byRequirement(id: string): readonly string[] {
  const [concept = "", number = ""] = id.split("-");
  const letter = BY_REQUIREMENT[concept];
  return letter === undefined || !CASES.some((one) => one.id === letter + number)
    ? []
    : ["testing/faulty/faulty.test.ts: and nothing else"];
}

function proveSentences(sentences: readonly Sentence[]): readonly Proven<Sentence>[] {
  const proven: Proven<Sentence>[] = [];
  for (const claim of sentences) {
    if (LIMITS.some((limit) => claim.text.includes(limit))) continue;
    const key = Object.keys(SENTENCES).find((part) => claim.text.includes(part));
    const probes = key === undefined ? [] : (SENTENCES[key] ?? []);
    if (probes.length === 0) {
      faults.push(`SECURITY.md: no test in tools/proofs/security.ts for: ${claim.text}`);
    }
    proven.push({ claim, probes: checked("SECURITY.md", probes) });
  }
  return proven;
}

function checked(of: string, probes: readonly string[]): readonly string[] {
  const wrong = probes.filter((probe) => faultOf(parseProbe(probe)) !== null);
  for (const probe of wrong) faults.push(`${of}: ${faultOf(parseProbe(probe))}`);
  return probes.filter((probe) => !wrong.includes(probe));
}

function findStale(): void {
  const ids = new Set(rules.map(({ id }) => id));
  for (const id of [...Object.keys(RULES), ...Object.keys(WITHOUT_TEST)]) {
    if (!ids.has(id))
      faults.push(`tools/proofs/rules.ts or feature_rules.ts: there is no rule ${id} any more`);
  }
  const text = findSentences(readFileSync("SECURITY.md", "utf8")).map((one) => one.text);
  for (const part of [...Object.keys(SENTENCES), ...LIMITS]) {
    if (!text.some((sentence) => sentence.includes(part))) {
      faults.push(`tools/proofs/security.ts or limits.ts: no sentence has: ${part}`);
    }
  }
}
