import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { plainEnvironment } from "../../../testing/cli/lethe.ts";
import {
  INSTALLED,
  MISSING,
  NOT_RUN,
  Pty,
  ROOT,
  RUNTIMES,
  SOAK,
} from "../../../testing/features/prompt/pty.ts";

/** What code in a custodian would do that is not Lethe's. */
const PLANTED = `import { writeFileSync } from "node:fs";
for (const path of ["/dev/fd/0", "/dev/stdin", "/proc/self/fd/0"]) {
  try {
    writeFileSync(path, "overwritten");
  } catch {
    // that is what should happen
  }
}
`;
const CONTENT = "word in the file\nrest\n";

let folder = "";
let pty: Pty | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-input-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => pty?.close());

/** An application whose custodian asks once, or not. */
function application(runtime: string, asks: boolean): readonly string[] {
  const kind = runtime.replace(/-.*/, "");
  const program = join(folder, `${kind}_main.mjs`);
  const own = `import "${ROOT}adapters/${kind}/custodian_main.ts";`;
  writeFileSync(program, kind === "node" ? PLANTED + own : own);
  const file = join(folder, `${kind}.mjs`);
  writeFileSync(
    file,
    `import { openCustodian } from "${ROOT}adapters/${kind}/mod.ts";
const custodian = await openCustodian({ program: ${JSON.stringify(program)} });
${asks ? 'await custodian.prompt("word", "word: ", { mayLeave: true });' : ""}
const length = ${asks ? 'await custodian.expose("word", (bytes) => bytes.length)' : 0};
console.log(JSON.stringify({ ...custodian.report.hardening.permissions, length }));
await custodian.close();
`,
  );
  return [...(RUNTIMES[runtime] ?? []), file];
}

function said(runtime: string, input: number | "pipe", text?: string): object {
  const [file = "", ...parameters] = application(runtime, true);
  const { stdout, stderr } = spawnSync(file, parameters, {
    stdio: [input, "pipe", "pipe"],
    ...(text === undefined ? {} : { input: text }),
    env: plainEnvironment(),
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as object;
}

const CHOSEN = INSTALLED.filter((name) => SOAK || name === "node-24").filter(
  (name) => name !== "bun", // it has no permissions
);

describe.skipIf(MISSING !== null).each(CHOSEN)(
  `${NOT_RUN}standard input of a custodian of %s`,
  { timeout: 30_000 },
  (runtime) => {
    it.each([
      ["for reading", "r", "done", /has no |grants no /],
      ["for writing too", "r+", "not-done", /standard input is a file open for writing$/],
    ] as const)("that is a file open %s is read, and not written", (_, mode, outcome, evidence) => {
      const path = join(folder, "file");
      writeFileSync(path, CONTENT);
      const input = openSync(path, mode);
      try {
        expect(said(runtime, input)).toMatchObject({
          outcome,
          evidence: expect.stringMatching(evidence),
          length: "word in the file".length,
        });
      } finally {
        closeSync(input);
      }
      expect(readFileSync(path, "utf8")).toBe(CONTENT);
    });

    it("that is a pipe is read, and the report says that nothing is written", () => {
      const found = said(runtime, "pipe", "piped\n");
      expect(found).toMatchObject({ outcome: "done", verified: true, length: "piped".length });
      expect(found).not.toMatchObject({ evidence: expect.stringContaining("/dev/fd/0") });
    });

    it.skipIf(runtime === "deno")(
      "that is the terminal may be written, and that is said",
      async () => {
        pty = new Pty(application(runtime, false));
        const [text] = await pty.saw(/\{"outcome.*\}/);
        expect(JSON.parse(text)).toMatchObject({
          outcome: "done",
          evidence: expect.stringContaining("but for /dev/tty, /dev/fd/0"),
        });
      },
    );
  },
);
