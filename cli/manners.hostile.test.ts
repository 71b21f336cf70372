import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLI_RUNTIMES, lethe, type Outcome, outcomeOf } from "../testing/cli/lethe.ts";
import { SOAK } from "../testing/features/prompt/pty.ts";
import type { Command } from "./command_line/command.ts";
import { usageOf } from "./command_line/usage.ts";
import { COMMAND_NAMES, loadCommand } from "./commands.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-manners-"));
  writeFileSync(join(folder, "key"), "0123456789abcdef", { mode: 0o400 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Every command, and every action of one. */
const PATHS = (
  await Promise.all(
    COMMAND_NAMES.map(async (name) => {
      const { actions = {} } = (await loadCommand(name)) as Command;
      return [name, ...Object.keys(actions).map((action) => `${name} ${action}`)];
    }),
  )
).flat();

function run(runtime: string, words: readonly string[], input = ""): Outcome {
  return outcomeOf(["setsid", "-w", ...lethe(runtime, ...words)], { cwd: folder, input });
}

/** One line on standard error that begins with the command, nothing on standard output, no stack. */
function expectRefusal({ status, stdout, stderr }: Outcome, title: string): void {
  expect(stderr).toMatch(new RegExp(`^${title}: [^\\n]+\\n$`));
  expect(stderr).not.toMatch(/hunter2|\n {4}at |node:internal/);
  expect([status, stdout]).toEqual([2, ""]);
}

describe.skipIf(process.platform !== "linux").each(CLI_RUNTIMES)("lethe on %s", (runtime) => {
  it("names the command that there is not, and the nearest one", () => {
    const outcome = run(runtime, ["scna", "hunter2"]);
    expectRefusal(outcome, "lethe");
    expect(outcome.stderr).toContain('no command "scna"; did you mean scan?');
  });

  it.skipIf(!SOAK)("answers --help, -h and --version of itself", () => {
    for (const words of [["--help"], ["-h"], ["help"]]) {
      const { status, stdout, stderr } = run(runtime, words);
      expect([status, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/^Usage: lethe COMMAND\n/);
    }
    const version = { status: 0, stdout: expect.stringMatching(/^lethe \d+\.\d+\.\d+\n$/) };
    expect(run(runtime, ["--version"])).toMatchObject(version);
    for (const words of [[], ["--verison"], ["help", "frob"], ["help", "key", "x"], ["-x"], [""]]) {
      expectRefusal(run(runtime, words), "lethe");
    }
  });

  it.skipIf(!SOAK || runtime !== "node-24").each(PATHS)(
    "%s: answers help and version, and wrong usage in one line",
    async (path) => {
      const words = path.split(" ");
      const [name = "", action] = words;
      const command = (await loadCommand(name)) as Command;
      const usage = usageOf(name, command, action);
      for (const help of ["--help", "-h"]) {
        const asked = run(runtime, [...words, help]);
        expect(asked).toEqual({ status: 0, stdout: usage, stderr: "" });
      }
      expect(run(runtime, ["help", ...words]).stdout).toBe(usage);
      const { status, stdout, stderr } = run(runtime, [...words, "--wrong", "--json"]);
      const failure = JSON.parse(command.startsProgram ? stderr : stdout);
      expect([status, failure.error]).toEqual([2, "USAGE"]);
      expect(command.startsProgram ? stdout : stderr).toBe("");
      expect(run(runtime, [...words, "--version"]).stdout).toMatch(/^lethe \d/);
      const options = Object.entries(command.options).map(
        ([option, { kind }]) => [option, kind] as const,
      );
      const wrong = [
        ["--wrong"],
        ["--wrong=hunter2"],
        ["-x"],
        // Of an action it is a PATH, or standard input.
        ...(action === undefined ? [["-"]] : []),
        ...options.map(([option, kind]) =>
          kind === "flag" ? [`--${option}=hunter2`] : [`--${option}`],
        ),
        ...options
          .filter(([option, kind]) => kind === "flag" && option !== "json")
          .map(([option]) => [`--${option}`, `--${option}`]),
        ...options
          .filter(([, kind]) => kind === "value")
          .map(([option]) => [`--${option}`, "hunter2", `--${option}`, "hunter2"]),
      ];
      for (const more of wrong) {
        expectRefusal(run(runtime, [...words, ...more]), `lethe ${name}`);
      }
    },
    240_000, // some thirty processes, one after the other
  );

  it.skipIf(!SOAK).each([
    ["a reader that left", "| true", [141]],
    ["a full device", ">/dev/full", [74]],
    ["no standard output", ">&-", [0]],
    ["no standard input", "<&-", [0]],
    ["no standard error", "2>&-", [0]],
    ["none of them", "<&- >&- 2>&-", [0]],
  ] as const)("ends as it should with %s", (_, redirection, statuses) => {
    for (const words of [
      "--help",
      "--version",
      "key inspect key --json",
      "key inspect key",
      "scan -h",
    ]) {
      const command = lethe(runtime).join(" ");
      const script = `( ${command} ${words}; echo $? >status ) ${redirection}`;
      const { stderr } = outcomeOf(["bash", "-c", `${script}; cat status`], { cwd: folder });
      expect(stderr).not.toMatch(/\n {4}at |node:internal/);
      const { stdout } = outcomeOf(["cat", "status"], { cwd: folder });
      expect(statuses).toContain(Number(stdout));
    }
  });

  it.skipIf(!SOAK).each([
    ["no environment at all", {}],
    ["no HOME", { PATH: process.env["PATH"] }],
    ["a HOME that is not there", { PATH: process.env["PATH"], HOME: "/nonexistent" }],
    ["no temporary folder", { PATH: process.env["PATH"], TMPDIR: "/nonexistent" }],
    ["a temporary folder that is a file", { PATH: process.env["PATH"], TMPDIR: "/etc/hostname" }],
    ["a temporary folder without a name", { PATH: process.env["PATH"], TMPDIR: "" }],
    ["a relative PATH", { PATH: ".:" }],
  ])("does its work with %s", (_, env) => {
    const clean = env as NodeJS.ProcessEnv;
    const options = { cwd: folder, env: clean, input: "typed\n" };
    const command = (...words: readonly string[]): Outcome =>
      outcomeOf(["/usr/bin/setsid", "-w", ...lethe(runtime, ...words)], options);
    expect(command("key", "inspect", "key", "--json").status).toBe(0);
    expect(command("custodian", "status").status).toBe(0);
    const both = ["--key", "key", "--prompt", "p", "--", "/bin/cat", "/proc/self/stat"];
    expect(command("run", ...both).status).toBe(0);
    expect(command("run", "--as", "file", ...both).status).toBe(0);
  });

  // Deno itself does not start there.
  it.skipIf(!SOAK || runtime === "deno")("does its work in a folder that is gone", () => {
    const gone = join(folder, "gone");
    mkdirSync(gone);
    const words = lethe(runtime, "key", "inspect", join(folder, "key"));
    const run = lethe(runtime, "run", "--key", join(folder, "key"), "--", "cat", "/dev/null");
    const script = `cd ${gone}; rmdir ${gone}; ${words.join(" ")} && ${run.join(" ")}; echo $?`;
    const { stdout, stderr } = outcomeOf(["bash", "-c", script]);
    expect(stdout).toMatch(/\n0\n$/);
    expect(stderr).toBe("");
  });

  it.skipIf(!SOAK)("refuses before anybody types", () => {
    const wrong = [
      [["run", "--prompt", "p", "--", "there-is-no-such"], 127],
      [["run", "--prompt", "p", "--", "/etc/passwd"], 126],
      [["run", "--prompt", "p", "--key", "none", "--", "true"], 2],
      [["run", "--prompt", "p@300", "--", "true"], 2],
      [["run", "--prompt", "p", "--passphrase-fd", "77", "--", "true"], 2],
      [["key", "create", "key", "--seal"], 1],
      [["key", "create", "no/folder", "--seal"], 1],
      [["key", "create", "new", "--seal", "--passes", "1", "--memory", "1"], 2],
      [["key", "unseal", "key"], 4],
      [["key", "change-passphrase", "key"], 4],
      [["key", "seal", "none"], 1],
      [["scan", "4194305"], 2],
      [["scan", "--core", "none"], 2],
      [["scan", "1", "--encoding", "rot13"], 2],
      [["scan", "1", "--encoding", "hex", "--file", "x"], 2],
    ] as const;
    for (const [words, status] of wrong) {
      // A FIFO that nobody writes to: what reads a line from it waits until the time is over.
      const script = `mkfifo never; exec 9<>never; timeout 20 "$@" <&9`;
      const command = ["bash", "-c", script, "bash", "setsid", "-w", ...lethe(runtime, ...words)];
      const outcome = outcomeOf(command, { cwd: folder });
      rmSync(join(folder, "never"));
      expect([words, outcome.status, outcome.stderr]).toEqual([
        words,
        status,
        expect.stringMatching(/^lethe \w+: [^\n]+\n$/),
      ]);
    }
  });
});
