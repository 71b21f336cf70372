import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { MISSING, NOT_RUN, Pty, ROOT, SOAK } from "../features/prompt/pty.ts";

/**
 * Deno asks on the terminal for what is neither granted nor denied, and shows what is typed at its
 * question. So these tests run on a terminal, and without --no-prompt.
 */
const DENO = `${ROOT}node_modules/deno/deno`;
const PROGRAM = `${ROOT}testing/whole/deno_features.ts`;
const QUESTION = /requests|Allow\?/;
const folder = mkdtempSync(join(tmpdir(), "lethe-")); // 0700, as the folder of a key has to be
let pty: Pty | undefined;
afterEach(() => pty?.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  readonly feature: string;
  readonly flags: readonly string[];
}

/** The table of the documentation. */
const ROWS: readonly Row[] = readFileSync(`${ROOT}docs/deno.md`, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => {
    const [feature = "", takes = ""] = line
      .split("|")
      .slice(1, 3)
      .map((cell) => cell.replaceAll("`", "").trim());
    return { feature, flags: takes.split(" ").filter((flag) => flag !== "") };
  });
const FEATURES = ROWS.map(({ feature }) => feature);

const FLAGS = ["ffi", "read", "write", "env", "run", "sys", "net"].map((name) => `--allow-${name}`);
const SETS = Array.from({ length: 2 ** FLAGS.length }, (_, set) =>
  FLAGS.filter((_, bit) => (set & (1 << bit)) !== 0),
);
/** Permissions for a part of what a step reads. */
const PARTS = [
  "/proc",
  "/proc/self",
  "/proc/self/task",
  "/proc/self/fd",
  "/dev",
  "/dev/tty",
  folder,
];

/** What it has written by its end; it types a line at each prompt, and ends it at a question. */
async function used(features: readonly string[], flags: readonly string[]): Promise<string> {
  const named = flags.map((flag) => flag.replace("FOLDER", folder).replace("DENO", DENO));
  // The features that read it do not leave it.
  writeFileSync(join(folder, "token"), "a token\n", { mode: 0o600 });
  const program = [PROGRAM, features.join(";"), folder];
  const command = [
    "/usr/bin/env",
    "LETHE_TOKEN=x",
    DENO,
    "run",
    "--no-check",
    ...named,
    ...program,
  ];
  const at = new Pty(command);
  pty = at;
  const isOver = at.ended.then(() => true);
  for (let prompts = 0; ; ) {
    const next = at.saw(new RegExp(`(?:type here> [\\s\\S]*){${prompts + 1}}|Allow\\?`));
    next.catch(() => undefined); // it has ended
    if (await Promise.race([isOver, next.then(() => false)])) return at.text;
    if (QUESTION.test(at.text)) throw new Error(`Deno asks: ${at.text}`);
    prompts += 1;
    at.type("hunter2\r");
  }
}

describe.skipIf(MISSING !== null)(`${NOT_RUN}on a terminal Deno asks for nothing`, () => {
  it("without any permission", async () => {
    const text = await used(FEATURES, []);
    for (const feature of FEATURES) expect(text).toContain(`${feature}: `);
    expect(text).toContain("over");
    expect(text).not.toContain("hunter2");
  });

  it.skipIf(!SOAK).each(ROWS)("at $feature, which has what it takes", async (row) => {
    expect(await used([row.feature], row.flags)).toContain(`${row.feature}: done`);
  });

  const lacking = ROWS.flatMap(({ feature, flags }) =>
    flags.map((flag) => ({ feature, flag, flags: flags.filter((other) => other !== flag) })),
  );
  it.skipIf(!SOAK).each(lacking)("at $feature without $flag", async ({ feature, flags }) => {
    const text = await used([feature], flags);
    const isWeaker = /done, heap|not-done|type here> /.test(text);
    if (!isWeaker)
      expect(text).toMatch(
        /: ERR_LETHE_(UNAVAILABLE|KEY_DENIED|SOURCE_DENIED|SOURCE_UNAVAILABLE|AGENT|STORE_DENIED) [\s\S]*--allow-/,
      );
  });

  // What reads the system's files is what asked for more.
  const sets = SETS.filter((set) => SOAK || set.join() === "--allow-read");
  it.each(sets.map((set) => [set.join(" "), set] as const))("with %s", async (_, set) => {
    expect(await used(FEATURES, set)).toContain("over");
  });

  it.skipIf(!SOAK).each(PARTS)("with --allow-read=%s", async (part) => {
    expect(await used(FEATURES, [`--allow-read=${part}`])).toContain("over");
    expect(await used(FEATURES, [`--allow-read=${part}`, "--allow-run", "--allow-env"])).toContain(
      "over",
    );
  });

  it("at the end of programs that --allow-run names, late or not", async () => {
    const flags = ["--allow-ffi", "--allow-read", "--allow-env=NODE_V8_COVERAGE"];
    const text = await used(
      ["readSecret, exec:", "late"],
      [...flags, "--allow-run=/bin/echo,/bin/sleep"],
    );
    expect(text).toContain("readSecret, exec:: done");
    expect(text).toContain("late: ERR_LETHE_SOURCE_TIMEOUT");
    expect(text).toContain("over");
  });

  it("at a misuse that ends the process", async () => {
    expect(await used(["misuse"], [])).toContain("ERR_LETHE_FROZEN");
    expect((await pty?.ended)?.signal).toBe("SIGABRT");
  });
});
