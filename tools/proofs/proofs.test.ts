import { describe, expect, it } from "vitest";
import { findRules, findSentences } from "./claims.ts";
import { faultOf, parseProbe, runtimesOf, testsNaming, tierOf } from "./tests.ts";

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
    ].join("\n");
    expect(findSentences(document).map(({ text }) => text)).toEqual([
      "It holds.",
      "This too;",
      "and this",
      "**Three** lie here.",
      "There.",
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
