import { describe, expect, it } from "vitest";
import { COMMAND_NAMES, loadCommand } from "../commands.ts";
import type { Command } from "./command.ts";
import { Given } from "./given.ts";
import { readCommandLine, wantsJson } from "./read_command_line.ts";
import { UsageError } from "./usage_error.ts";

const COMMAND = {
  options: {
    out: { kind: "value", value: "FILE", about: "" },
    fast: { kind: "flag", about: "" },
    key: { kind: "list", value: "KEY", about: "" },
  },
  actions: { go: { about: "", options: [] } },
  mostWords: 1,
} as const satisfies Partial<Command>;

const read = (...parameters: readonly string[]): ReturnType<typeof readCommandLine> =>
  readCommandLine(COMMAND, parameters);

describe("a command line", () => {
  it("is options in their order, words, and a program of its own", () => {
    const given = read("--key", "a", "word", "--fast", "--key=--b", "--out", "-");
    expect(given).toBeInstanceOf(Given);
    expect(given).toMatchObject({
      options: [
        { name: "key", value: "a" },
        { name: "fast", value: null },
        { name: "key", value: "--b" },
        { name: "out", value: "-" },
      ],
      words: ["word"],
      program: null,
    });
    const runs = readCommandLine({ ...COMMAND, startsProgram: true }, [
      "--fast",
      "--",
      "ls",
      "--fast",
    ]);
    expect(runs).toMatchObject({ options: [{ name: "fast" }], program: ["ls", "--fast"] });
    expect(read("--", "--fast")).toMatchObject({ options: [], words: ["--fast"] });
  });

  it("asks for help or the version before anything that is wrong, and not after it", () => {
    for (const help of ["--help", "-h"]) {
      expect(read(help)).toEqual({ help: undefined });
      expect(read("go", help)).toEqual({ help: "go" });
      expect(read("toString", help)).toEqual({ help: undefined });
      expect(read("--fast", help, "--wrong")).toEqual({ help: undefined });
      expect(() => read("--wrong", help)).toThrow(UsageError);
    }
    expect(read("--out", "x", "--version")).toBe("version");
  });

  it.each([
    [["--wrong"], "there is no option --wrong"],
    [["--wrong=hunter2"], "there is no option --wrong"],
    [["--fats"], "there is no option --fats; did you mean --fast?"],
    [["--no-fast"], "there is no option --no-fast"],
    [["--__proto__", "x"], "there is no option --__proto__"],
    [["--constructor"], "there is no option --constructor"],
    [["-x"], "there is no option -x"],
    [["-phunter2"], "there is no option -p"],
    [["--out"], "--out needs a value"],
    [["--out="], "--out needs a value"],
    [["--out", ""], "--out needs a value"],
    [["--out", "--fast"], "--out needs a value"],
    [["--out", "--"], "--out needs a value"],
    [["--out", "-h"], "--out needs a value"],
    [["--fast=hunter2"], "--fast takes no value"],
    [["--help=hunter2"], "--help takes no value"],
    [["--out", "a", "--out", "hunter2"], "--out is given twice"],
    [["--fast", "--fast"], "--fast is given twice"],
    [["a", "hunter2"], "that is a word too many"],
  ])("%j is wrong, and repeats no value", (parameters, message) => {
    expect(() => read(...parameters)).toThrow(new UsageError(message));
  });

  it("tells whether a failure is wanted as JSON, also where the rest is wrong", () => {
    expect(wantsJson(COMMAND, ["--wrong", "--json"])).toBe(true);
    expect(wantsJson(COMMAND, ["--wrong"])).toBe(false);
    const runs = { ...COMMAND, startsProgram: true };
    expect(wantsJson(runs, ["--", "ls", "--json"])).toBe(false);
  });

  it("is the same for every command", async () => {
    for (const name of COMMAND_NAMES) {
      const command = (await loadCommand(name)) as Command;
      expect(readCommandLine(command, ["-h"])).toEqual({ help: undefined });
      expect(Object.keys(command.options), name).toContain("json");
      for (const [option, { kind, value, about }] of Object.entries(command.options)) {
        expect(about, `${name} --${option}`).not.toBe("");
        expect(value === undefined, `${name} --${option}`).toBe(kind === "flag");
        const wrong = kind === "flag" ? `--${option}=x` : `--${option}`;
        expect(() => readCommandLine(command, [wrong])).toThrow(UsageError);
      }
      for (const [action, { options }] of Object.entries(command.actions ?? {})) {
        expect(readCommandLine(command, [action, "-h"])).toEqual({ help: action });
        expect(Object.keys(command.options)).toEqual(expect.arrayContaining([...options]));
      }
      expect(() => readCommandLine(command, ["--hunter2"])).toThrow("there is no option");
    }
    expect(await loadCommand("toString")).toBeNull();
  });
});
