import { afterEach, describe, expect, it } from "vitest";
import {
  derivedNeedle,
  expectNoResidue,
  type Needle,
  type ScanReport,
  scanProcess,
} from "../../conformance/mod.ts";
import {
  MISSING,
  NOT_RUN,
  ONE_EACH,
  Pty,
  ROOT,
  RUNTIMES,
  SOAK,
} from "../../testing/features/prompt/pty.ts";
import { type Kind, password } from "../../testing/features/prompt/typed.ts";

const KINDS: readonly Kind[] = ["ascii", "unicode", "paste"];
const NEEDLES: readonly Needle[] = KINDS.map((kind) => ({ label: kind, bytes: password(kind) }));
const WITNESS = derivedNeedle(7999, 64, "witness");
const PROGRAM = `${ROOT}testing/features/prompt/ask.ts`;

/** What is closed at rest, and yet can be looked into from outside: so that copies can be counted. */
const MEMORY: Readonly<Record<string, string>> = { deno: "pages", bun: "pages" };

/** `npm run soak` takes every runtime. */
const CHOSEN = ONE_EACH.filter((name) => SOAK || name === "node-24");

let pty: Pty | undefined;
afterEach(() => pty?.close());

describe.skipIf(MISSING !== null).each(CHOSEN)(`${NOT_RUN}a typed secret on %s`, (name) => {
  it("lies in guarded memory alone while it lives, and nowhere afterwards", async () => {
    const command = [...(RUNTIMES[name] ?? []), PROGRAM, "keep", MEMORY[name] ?? "sodium"];
    pty = new Pty(command);
    const pid = Number((await pty.saw(/ready (\d+)/))[1]);
    for (const [index, kind] of KINDS.entries()) {
      await pty.saw([/first: /, /second: /, /third: /][index] as RegExp);
      await turn();
      pty.typePassword(kind);
      await turn();
      if (kind !== "paste") pty.type("\r");
    }
    // Two are held, and the third is typed but not entered.
    const live = scanned(pid, [...NEEDLES, WITNESS]);
    for (const { label, bytes } of NEEDLES) {
      const found = live.findings.filter((finding) => finding.needle === label);
      expect(
        found.map(({ encoding, coveredBytes, protection }) => [encoding, coveredBytes, protection]),
      ).toEqual([["raw", bytes.length, "no-access"]]);
    }
    pty.type("\r");
    const [, lengths] = await pty.saw(/held \d+ (.*?)\r/);
    expect(lengths).toBe(NEEDLES.map(({ bytes }) => bytes.length).join(" "));
    await pty.saw(/pause: /);
    await turn();
    pty.type("on\r");
    await pty.saw(/gone 0/);
    expectNoResidue({ pid, needle: NEEDLES, witness: WITNESS });
    for (const { bytes } of NEEDLES) {
      expect(pty.text).not.toContain(new TextDecoder().decode(bytes.subarray(0, 8)));
    }
  });
});

/** Longer than the prompt needs to look at the terminal. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 150));
}

function scanned(pid: number, needles: readonly Needle[]): ScanReport {
  const report = scanProcess(pid, needles);
  if (report.outcome !== "scanned") throw new Error(report.reason);
  expect(report.findings.some(({ needle }) => needle === WITNESS.label)).toBe(true);
  return report;
}
