import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openExecSource, openFileSource } from "../../adapters/node/mod.ts";
import { runSourceConformance, type SourceSubject } from "../../conformance/mod.ts";
import { SOURCE_CASES } from "../../conformance/sources/source_cases.ts";
import { FAULTY_SOURCES, memorySubject } from "../../testing/faulty/sources.ts";
import { SUBTLE_SOURCES } from "../../testing/faulty/subtle_sources.ts";
import { SOAK } from "../../testing/tier.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-sources-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let number = 0;
function put(content: Uint8Array): string {
  number += 1;
  const path = join(folder, `secret-${number}`);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

/** As whoever writes a secret does it: another file takes the place. */
function replace(path: string, content: Uint8Array): void {
  const other = put(content);
  renameSync(other, path);
}

const shell = (text: string): string => JSON.stringify(["/bin/sh", "-c", text]);

const SUBJECTS: Readonly<Record<string, () => SourceSubject>> = {
  "the double": () => memorySubject(),
  files: () => ({
    source: () => openFileSource(),
    put,
    change: replace,
    missing: () => join(folder, "none"),
  }),
  programs: () => ({
    source: () => openExecSource({ timeout: 1500 }),
    put: (content) => `/bin/cat ${put(content)}`,
    change: (reference, content) => replace(reference.slice("/bin/cat ".length), content),
    missing: () => join(folder, "none"),
    half: () => shell("printf 'half an answer'; exit 1"),
    slow: () => "/bin/sleep 20.0131",
    lingering: () => shell("echo a; exec >&-; sleep 20.0132"),
    patience: 1500,
  }),
};

/** What `npm test` has time for. */
const DAILY: readonly string[] = [
  "takes every newline off the end",
  "leaves its workspace behind when it fails",
  "keeps the first bytes of a reference and gives them under new versions",
  "shortens what is longer than 64 KiB",
  "gives one record to all who read at once",
  "tells of the first change alone",
];

describe("the suite for sources", () => {
  it.each(Object.keys(SUBJECTS).filter((name) => SOAK || name !== "programs"))(
    "finds nothing in %s",
    async (name) => {
      const { results, failed } = await runSourceConformance(
        (SUBJECTS[name] as () => SourceSubject)(),
      );
      expect(
        results.filter(({ outcome }) => outcome === "failed").map(({ id, reason }) => [id, reason]),
      ).toEqual([]);
      expect(failed).toEqual([]);
    },
  );

  it("has a faulty subject for every requirement", () => {
    const broken = new Set(FAULTY_SOURCES.map(({ breaks }) => breaks));
    expect(SOURCE_CASES.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
  });

  it.each(
    [...FAULTY_SOURCES, ...SUBTLE_SOURCES]
      .filter(({ fault }) => SOAK || DAILY.includes(fault))
      .map((each) => [each.fault, each] as const),
  )("finds the one that %s, and nothing else in it", async (_, { breaks, subject }) => {
    const { failed, results } = await runSourceConformance(subject());
    expect(failed, JSON.stringify(results.filter(({ reason }) => reason !== ""))).toEqual([breaks]);
  });
});
