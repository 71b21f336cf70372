import { describe, expect, it } from "vitest";
import { findRules, findSentences } from "./claims.ts";
import { faultOf, parseProbe, runtimesOf, testsNaming, tierOf } from "./tests.ts";
import { titlesOfText } from "./titles.ts";

describe("the claims", () => {
  it("are every numbered rule of a docstring, to its last line", () => {
    const rules = new Map(findRules().map((rule) => [rule.id, rule]));
    expect(rules.get("LIFE-2")?.text).toMatch(
      /^readable pages only in .* both return to `guarded`/,
    );
    expect(rules.get("SESSION-3")).toMatchObject({
      path: "features/custodian/protocol/session.ts",
      text: expect.stringMatching(/^the first byte .* `ERR_LETHE_CHANNEL`$/),
    });
  });

  it("are the sentences of SECURITY.md that promise something", () => {
    const document = [
      "# Security",
      "## Attackers",
      "| attacker | what holds |",
      "|---|---|",
      "| one | It holds. This too; and this |",
      "| two | out of scope |",
      "## What is not a vulnerability",
      "- Nothing of this.",
      "## Sealed and computed on",
      "- **Three** lie",
      "  here. There.",
      "",
      "## What is shipped",
      "",
      "One",
      "file. No other; none.",
      "",
      "Another one.",
    ].join("\n");
    expect(findSentences(document).map(({ text }) => text)).toEqual([
      "It holds.",
      "This too;",
      "and this",
      "**Three** lie here.",
      "There.",
      "One file.",
      "No other;",
      "none.",
      "Another one.",
    ]);
  });
});

describe("a probe", () => {
  it("has to be a test that is there", () => {
    const probe = "core/lifecycle.test.ts: lets nothing leave destroyed";
    expect(faultOf(parseProbe(probe))).toBe(null);
    expect(faultOf(parseProbe("core/gone.test.ts: x"))).toBe("there is no core/gone.test.ts");
    expect(faultOf(parseProbe(`${probe} twice`))).toMatch(/has no test whose title has/);
  });

  it("is found by the rule that its title names", () => {
    expect(testsNaming("METER-3")).toEqual([
      "memories/pages/meter.test.ts: METER-3: the system is read seldom",
    ]);
  });

  it("has its tier and its runtimes from where it stands and what it starts", () => {
    const tier = (probe: string): string => tierOf(parseProbe(probe));
    expect(tier("core/lifecycle.test.ts: lets nothing leave destroyed")).toBe("unit");
    expect(tier("testing/whole/machine.hostile.test.ts")).toBe("soak");
    expect(tier("features/key_files/kill.test.ts")).toBe("daily, more in the soak");
    expect(runtimesOf(parseProbe("adapters/deno/auto.test.ts"))).toBe("Deno");
    expect(runtimesOf(parseProbe("features/key_files/kill.test.ts"))).toBe("Node, Deno, Bun");
  });
});

describe("a test that runs in the soak alone", () => {
  const HEAD = `import { SOAK } from "../tier.ts";
    const ALL = SOAK ? ["a", "b"] : [];
    const MORE = [...ALL, ...(SOAK ? ["c"] : [])];
    const SOME = ["a", "b"].filter((name) => SOAK || name === "a");
    const LONG = ["a"].filter(() => SOAK && isRoot);
    const LEFT_OUT = !SOAK || MISSING !== null;`;

  /** The titles of what `npm test` does not run. */
  const left = (text: string): readonly string[] =>
    titlesOfText(`${HEAD}\n${text}`)
      .filter(({ soakOnly }) => soakOnly)
      .map(({ text }) => text);

  it.each([
    'it.skipIf(!SOAK)("x", () => {});',
    'it.skipIf(MISSING !== null || !SOAK)("x", () => {});',
    'it.skipIf(!(SOAK && isLinux))("x", () => {});',
    'it.skipIf(LEFT_OUT)("x", () => {});',
    'it.skipIf(isLinux ? !SOAK : LEFT_OUT)("x", () => {});',
    'it.runIf(SOAK)("x", () => {});',
    'it.runIf(hasAge && SOAK).each([1])("x", () => {});',
    'it.skipIf(!isLinux).each(ALL)("x", () => {});',
    'it.each(MORE.map((name) => [name]))("x", () => {});',
    'it.each(LONG)("x", () => {});',
    'it("x", { skip: !SOAK }, () => {});',
    'if (SOAK) it("x", () => {});',
    'if (!SOAK) run(); else it("x", () => {});',
    'for (const each of ALL) it("x", () => {});',
    'SOAK && it("x", () => {});',
  ])("is seen: %s", (text) => {
    expect(left(text)).toEqual(["x"]);
  });

  it.each([
    'it("x", () => {});',
    'it.skipIf(!isLinux || MISSING !== null)("x", () => {});',
    'it.skipIf(!SOAK && !isDaily)("x", () => {});',
    'it.runIf(SOAK || name === "bun")("x", () => {});',
    'it.each(SOAK ? ALL : ["a"])("x", () => {});',
    'it.each(SOME)("x", () => {});',
    'it.each(["a", ...ALL])("x", () => {});',
    'it("x", { timeout: SOAK ? 1 : 2 }, () => { if (SOAK) more(); });',
  ])("is not seen in one that runs daily too: %s", (text) => {
    expect(left(text)).toEqual([]);
  });

  it("is so by a group around it, and a group by all the tests in it", () => {
    expect(
      left(`describe.skipIf(!SOAK).each(NAMES)("group", () => {
        describe("inner", () => {
          it("one", () => {});
          it.skipIf(!isLinux)("two", () => {});
        });
      });
      describe("mixed", () => {
        it("daily", () => {});
        it.runIf(SOAK)("three", () => {});
      });
      describe("whole", () => {
        it.runIf(SOAK)("four", () => {});
      });`),
    ).toEqual(["group", "inner", "one", "two", "three", "whole", "four"]);
  });

  it("gives its tier to what it proves", () => {
    const tier = (probe: string): string => tierOf(parseProbe(probe));
    const [file, once] = ["features/enclave/residue.test.ts", "in a heap snapshot or a core file"];
    expect(tier(`${file}: ${once}`)).toBe("soak");
    expect(tier(`${file}: is none`)).toBe("daily, more in the soak");
    expect(tier("features/envelopes/residue.test.ts")).toBe("soak");
  });
});
