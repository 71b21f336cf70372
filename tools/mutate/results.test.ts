import { describe, expect, it } from "vitest";
import { ACCEPTED } from "./accepted.ts";
import { filesOf, keyOf, mutantsOf } from "./choice.ts";
import { explain } from "./explain.ts";
import { FOLDERS } from "./folders.ts";
import { type FolderResult, merge, readResults, score, sumOf } from "./results.ts";

const ONE = "tools/mutate/results.ts";
const OTHER = "tools/mutate/explain.ts";
const survivor = (path: string, change: string) => ({ path, source: "line", change });
const file = (killed: number, survived: number) => ({
  hash: "0",
  killed,
  stopped: 1,
  survived,
  notReached: 2,
});
const BEFORE: FolderResult = {
  sample: null,
  files: { [OTHER]: file(10, 2), [ONE]: file(4, 1), "gone.ts": file(9, 9) },
  survivors: [survivor(OTHER, "a"), survivor(OTHER, "b"), survivor(ONE, "c")],
};

describe("results that are kept", () => {
  it("are replaced file by file, and those of files that are gone are dropped", () => {
    const now = { sample: null, files: { [OTHER]: file(12, 0) }, survivors: [] };
    expect(merge(BEFORE, now, false)).toEqual({
      sample: null,
      files: { [OTHER]: file(12, 0), [ONE]: file(4, 1) },
      survivors: [survivor(ONE, "c")],
    });
  });

  it("count a survivor that was run again and died as killed, and keep the others", () => {
    const again = { hash: "0", killed: 1, stopped: 0, survived: 1, notReached: 0 };
    const now = { sample: null, files: { [OTHER]: again }, survivors: [survivor(OTHER, "b")] };
    const { files, survivors } = merge(BEFORE, now, true);
    expect(files[OTHER]).toEqual(file(11, 1));
    expect(survivors).toEqual([survivor(OTHER, "b"), survivor(ONE, "c")]);
    const strange = { ...now, files: { "never.ts": again } };
    expect(() => merge(BEFORE, strange, true)).toThrow("never.ts was not run before");
  });

  it("of a sample take the place of all, and are not mixed with whole files", () => {
    const sample = { sample: { size: 3, of: 9, seed: 1 }, files: {}, survivors: [] };
    expect(merge(BEFORE, sample, false)).toBe(sample);
    expect(merge(sample, BEFORE, false)).toBe(BEFORE);
  });

  it("count what was stopped as noticed, and what was not reached not at all", () => {
    expect(score(sumOf([file(4, 1), file(3, 1)]))).toBe((100 * 9) / 11);
    expect(score(sumOf([]))).toBe(null);
  });
});

describe("an explanation of a survivor", () => {
  const accepted = [{ ...survivor(ONE, "a"), isEquivalent: true, why: "because", times: 2 }];

  it("is for as many mutants of its line as it names", () => {
    const three = [1, 2, 3].map(() => survivor(ONE, "a"));
    expect(explain(three, accepted).map((one) => one?.why)).toEqual([
      "because",
      "because",
      undefined,
    ]);
    expect(explain([survivor(ONE, "b"), survivor(OTHER, "a")], accepted)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("is for a mutant that survived, or was not in the sample: none is left of one that has died since", () => {
    const known = new Set<string>();
    for (const folder of FOLDERS) {
      const result = readResults()[folder.name];
      for (const survivor of result?.survivors ?? []) known.add(keyOf(survivor));
      if (result !== undefined && result.sample === null) continue;
      const files = new Set(filesOf(folder));
      const explained = ACCEPTED.filter(({ path }) => files.has(path));
      const isWanted = (path: string) => explained.some((one) => one.path === path);
      const all = mutantsOf(folder, { isWanted, most: null, seed: 1, isAgain: false });
      for (const mutant of all.mutants) known.add(keyOf(mutant));
    }
    expect(ACCEPTED.map(keyOf).filter((key) => !known.has(key))).toEqual([]);
  });
});
