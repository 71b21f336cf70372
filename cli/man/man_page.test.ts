import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { COMMANDS } from "../commands.ts";
import { manPage } from "./man_page.ts";

const PAGE = await manPage("1.2.3", "2026-01-02");

/** What a program says of the page; null where it is not installed. */
function run(file: string, parameters: readonly string[]): string | null {
  const folder = mkdtempSync(join(tmpdir(), "lethe-man-"));
  const place = join(folder, "lethe.1");
  writeFileSync(place, PAGE);
  const env = { ...process.env, MANWIDTH: "100", LC_ALL: "C.UTF-8", PAGER: "cat" };
  const { error, stdout, stderr } = spawnSync(file, [...parameters, place], {
    encoding: "utf8",
    env,
  });
  rmSync(folder, { recursive: true });
  return error === undefined ? stderr + stdout : null;
}

const linted = run("mandoc", ["-T", "lint", "-W", "style"]);
it.skipIf(linted === null)(
  `${linted === null ? "NOT RUN, no mandoc: " : ""}mandoc finds no fault in lethe(1)`,
  () => expect(linted).toBe(""),
);

const shown = run("man", ["--warnings", "-l", "-Tutf8", "-P", "cat"]);
it.skipIf(shown === null)(
  `${shown === null ? "NOT RUN, no man: " : ""}man shows lethe(1) without a warning, every option in it`,
  async () => {
    // Bold is a letter over itself, where man knows no terminal.
    const text = (shown ?? "")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is taken out
      .replaceAll(/.\x08|\x1b\[[\d;]*m/g, "")
      .replaceAll(/‐\n\s*/g, "")
      .replaceAll(/\s+/g, " ");
    expect(text).not.toMatch(/warning|<standard input>/);
    for (const [name, { load }] of Object.entries(COMMANDS)) {
      const { options, actions = {} } = await load();
      expect(text).toContain(`lethe ${name}`);
      for (const action of Object.keys(actions)) expect(text).toContain(`lethe ${name} ${action}`);
      for (const [option, { about }] of Object.entries(options)) {
        expect(text).toContain(`--${option}`);
        expect(text).toContain(about.replaceAll(/\s+/g, " "));
      }
    }
  },
);

it("takes text as text: no request, no escape, hyphens that can be copied", () => {
  expect(PAGE).toMatch(/^\.TH LETHE 1 "2026-01-02" "lethe 1\.2\.3"/);
  expect(PAGE).toContain("\\-\\-passphrase\\-fd N");
  const requests = PAGE.split("\n").filter((line) => /^[.']/.test(line));
  for (const line of requests) expect(line).toMatch(/^\.(?:TH|SH|SS|TP|PP|B|nf|fi)\b/);
  expect(PAGE.replaceAll(/\\[-e&]/g, "")).not.toContain("\\");
});
