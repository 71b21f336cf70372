import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../features/prompt/pty.ts";
import { ANSWERS } from "./uses_of_time.ts";

const { NODE_OPTIONS: _, ...env } = process.env;
const CHOSEN = INSTALLED.filter((name) => SOAK || name === "node-24");

describe.skipIf(process.platform !== "linux")("a program that patches its platform", () => {
  it.each(CHOSEN)("after Lethe was loaded and used changes nothing, on %s", (name) => {
    const [file = "", ...parameters] = RUNTIMES[name] ?? [];
    const program = `${ROOT}testing/whole/patched.ts`;
    const { stdout, stderr } = spawnSync(file, [...parameters, program], {
      cwd: ROOT,
      env,
      encoding: "utf8",
    });
    const answers = Object.entries(ANSWERS).map(([use, answer]) => `${use}: ${answer}`);
    expect(`${stderr.replaceAll(/^.*Warning.*$/gm, "").trim()}${stdout}`).toBe(
      ["random true", "nonces 2", "escaped 0,0", ...answers, ""].join("\n"),
    );
  });
});

describe.skipIf(process.platform !== "linux" || !SOAK)(
  "timers that were faked before Lethe was loaded",
  () => {
    const all = CHOSEN.flatMap((name) =>
      (name.startsWith("node") ? ["node", "numbers"] : ["numbers"]).map(
        (kind) => [kind, name] as const,
      ),
    );
    it.each(all)("(%s) let nothing hang, on %s", (kind, name) => {
      const [file = "", ...parameters] = RUNTIMES[name] ?? [];
      const program = `${ROOT}testing/whole/faked_first.ts`;
      const { stdout } = spawnSync(file, [...parameters, program, kind], {
        cwd: ROOT,
        env,
        encoding: "utf8",
      });
      const answers = Object.entries(ANSWERS).map(([use, answer]) => `${use}: ${answer}`);
      expect(stdout).toBe([...answers, ""].join("\n"));
    });
  },
);

describe.skipIf(!SOAK || !INSTALLED.includes("bun"))("bun test (in the soak)", () => {
  it("hangs nowhere under its fake timers, which stop the clock of the whole thread", () => {
    const folder = mkdtempSync(join(tmpdir(), "lethe-bun-"));
    try {
      const path = join(folder, "fake.test.ts");
      writeFileSync(path, BUN_TEST);
      const bun = RUNTIMES["bun"]?.[0] ?? "";
      const { stderr, status } = spawnSync(bun, ["test", path], {
        cwd: ROOT,
        env,
        encoding: "utf8",
      });
      expect(stderr).toMatch(/ 4 pass\n 0 fail/);
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const BUN_TEST = `
import { expect, jest, test } from "bun:test";
import { ANSWERS, entryHere, USES } from ${JSON.stringify(`${ROOT}testing/whole/uses_of_time.ts`)};
const entry = await entryHere();
for (const [name, use] of Object.entries(USES)) {
  test(name, async () => {
    jest.useFakeTimers();
    try {
      expect(await use(entry)).toBe(ANSWERS[name]);
    } finally {
      jest.useRealTimers();
    }
  }, 20_000);
}
test("and these stand still", () => {
  jest.useFakeTimers();
  const before = performance.now();
  Bun.sleepSync(20);
  expect(performance.now()).toBe(before);
  jest.useRealTimers();
});
`;
