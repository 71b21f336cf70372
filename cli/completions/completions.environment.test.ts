import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SOAK } from "../../testing/tier.ts";
import { COMMANDS } from "../commands.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { type Place, readTable } from "./table.ts";
import { zshScript } from "./zsh.ts";

const PLACES = await readTable(COMMANDS);
const EVERYWHERE = ["--help", "--version"];

/** A command line that ends at the cursor, and every word that is offered there. */
type Expected = readonly [line: string, words: readonly string[]];

const OPTIONS: readonly Expected[] = PLACES.map((place) => [
  `lethe ${place.path} --`,
  [...place.options.map(([name]) => `--${name}`), ...EVERYWHERE],
]);
const WORDS: readonly Expected[] = [
  ["lethe ", [...Object.keys(COMMANDS), "help"]],
  ["lethe help ", Object.keys(COMMANDS)],
  ...PLACES.filter(({ next }) => next.length > 0).map(
    ({ path, next }): Expected => [`lethe ${path} `, next.map(([word]) => word)],
  ),
];
const VALUES: readonly Expected[] = PLACES.flatMap(({ path, options }) =>
  options.flatMap(([name, { values }]): readonly Expected[] =>
    values === undefined || typeof values === "string"
      ? []
      : [[`lethe ${path} --${name} `, [...values]]],
  ),
);
const FILES: readonly Expected[] = [
  ["lethe key inspect one", ["one file"]],
  ["lethe key import x --from one", ["one file"]],
  ["lethe report --out a", ["a folder"]],
  ["lethe run --key one", ["one file"]],
];

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-completions-"));
  writeFileSync(join(folder, "one file"), "");
  spawnSync("mkdir", [join(folder, "a folder")]);
});
afterAll(() => rmSync(folder, { recursive: true }));

function has(shell: string): boolean {
  return spawnSync(shell, ["--version"]).status === 0;
}

/** Runs a shell once, and gives what it prints of each line between marks. */
function answers(words: readonly string[], script: string): readonly (readonly string[])[] {
  const [file = "", ...parameters] = words;
  const place = join(folder, ".script");
  writeFileSync(place, script);
  const { status, stdout, stderr } = spawnSync(file, [...parameters, place], {
    cwd: folder,
    encoding: "utf8",
    timeout: 100_000,
  });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout
    .split("END\n")
    .slice(0, -1)
    .map((text) => text.split("\n").filter((line) => line !== ""));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

describe.skipIf(!has("bash"))(`${has("bash") ? "" : "NOT RUN, no bash: "}bash`, () => {
  const ask = (lines: readonly string[]): readonly (readonly string[])[] => {
    // Words as readline splits them: an = stands alone.
    const split = (line: string): string =>
      line
        .split(" ")
        .flatMap((word) =>
          word.split(/(=)/).filter((part, _at, all) => part !== "" || all.length === 1),
        )
        .map(quoted)
        .join(" ");
    const asked = lines.map(
      (line) =>
        `COMP_WORDS=(${split(line)}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _lethe; printf '%s\\n' "\${COMPREPLY[@]}"; echo END`,
    );
    return answers(["bash", "--norc"], `${bashScript(PLACES)}\n${asked.join("\n")}\n`);
  };

  it("offers every command, action, option and value of the table, and nothing else", () => {
    const all = [...OPTIONS, ...WORDS, ...VALUES];
    const offered = ask(all.map(([line]) => line));
    expect(offered.map((words) => [...words].sort())).toEqual(
      all.map(([, words]) => [...words].sort()),
    );
  });

  it("offers files, folders, processes and programs", () => {
    expect(ask(FILES.map(([line]) => line))).toEqual(FILES.map(([, words]) => words));
    const [named, behind, value, process_, program, argument, ended] = ask([
      "lethe run --key name=one",
      "lethe run --key name=",
      "lethe key create --type=x",
      "lethe scan 1",
      "lethe run --key k -- mkdi",
      "lethe run --key k -- ls one",
      "lethe key create -- --ty",
    ]);
    expect(named).toEqual(["one file"]);
    expect(behind).toEqual(expect.arrayContaining(["one file", "a folder"]));
    expect(value).toEqual(["x25519"]);
    expect(process_).toContain("1");
    expect(program).toContain("mkdir");
    expect(argument).toEqual(["one file"]);
    expect(ended?.length).toBeLessThanOrEqual(1);
  });
});

describe.skipIf(!has("fish"))(`${has("fish") ? "" : "NOT RUN, no fish: "}fish`, () => {
  const ask = (lines: readonly string[]): readonly (readonly string[])[] =>
    answers(
      ["fish", "--no-config"],
      `${fishScript(PLACES)}\n${lines
        .map((line) => `complete -C ${quoted(line)}\necho END`)
        .join("\n")}\n`,
    ).map((rows) => rows.map((row) => row.split("\t")[0] ?? ""));

  it("offers every command, action, option and value of the table", () => {
    const all = [...OPTIONS, ...WORDS, ...VALUES];
    const offered = ask(all.map(([line]) => line));
    for (const [index, [line, words]] of all.entries()) {
      expect([line, ...[...(offered[index] ?? [])].sort()]).toEqual([line, ...[...words].sort()]);
    }
  });

  it("offers files, folders and programs", () => {
    const [file, from, out, key] = ask(FILES.map(([line]) => line));
    for (const offered of [file, from, key]) expect(offered).toEqual(["one file"]);
    expect(out).toEqual(["a folder/"]);
    const [program, value] = ask(["lethe run --key k -- mkdi", "lethe key create --type=x"]);
    expect(program).toContain("mkdir");
    expect(value).toEqual(["--type=x25519"]);
  });
});

// It starts an interactive shell in a terminal, and presses the tabulator.
const noZsh = !has("zsh") ? "NOT RUN, no zsh: " : "";
describe.skipIf(!SOAK || noZsh !== "")(`${noZsh}zsh`, () => {
  /** What a command line has become after a tabulator: zsh inserts what is unique. */
  const complete = (lines: readonly string[]): readonly string[] => {
    const script = join(folder, "_lethe");
    writeFileSync(script, zshScript(PLACES));
    const session = [
      "zmodload zsh/zpty",
      'zpty z "zsh -f -i"',
      `zpty -w z ${quoted(
        `PS1=; autoload -Uz compinit; compinit -u -D; source ${script}; ` +
          `dump() { print -r -- "<<$BUFFER>>"; BUFFER= }; zle -N dump; bindkey '^X' dump; print READY''SET`,
      )}`,
      "until zpty -r z out && [[ $out == READYSET* ]]; do :; done",
      ...lines.flatMap((line) => [
        `zpty -w -n z ${quoted(line)}$'\\t\\x18'`,
        "while zpty -r z out; do [[ $out == *'<<'*'>>'* ]] && break; done",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: of zsh
        'out=${out#*<<}; print -r -- "${out%%>>*}"; echo END',
      ]),
      "zpty -d z",
    ];
    return answers(["zsh", "-f"], `${session.join("\n")}\n`).map(([line = ""]) => line.trimEnd());
  };

  it("completes a word of each kind at every place of the table", { timeout: 120_000 }, () => {
    const unique = (words: readonly string[]): readonly string[] =>
      words.filter((word) => !words.some((other) => other !== word && other.startsWith(word)));
    const pairs = [...WORDS, ...VALUES.map(fewOptions), ...OPTIONS.map(fewOptions)].flatMap(
      ([line, words]) => unique(words).map((word) => `${line}${word}`),
    );
    // But for its last letter each is typed, where no other word begins so.
    const typed = pairs.map((line) => line.slice(0, -1));
    const done = complete(typed).map((line) => line.replace(/=$/, ""));
    expect(done).toEqual(
      pairs.map((line, at) => (isAmbiguous(pairs, typed[at] ?? "") ? done[at] : line)),
    );
  });

  it("completes files and programs", () => {
    const lines = ["lethe key inspect one", "lethe report --out a", "lethe run --key k -- mkdi"];
    const [file, out, program] = complete(lines);
    expect(file).toBe("lethe key inspect one\\ file");
    expect(out).toMatch(/^lethe report --out a\\ folder\/?$/);
    expect(program).toBe("lethe run --key k -- mkdir");
  });
});

/** The first option of a place: each costs zsh half a second. */
function fewOptions([line, words]: Expected): Expected {
  return [line.replace(/--$/, ""), words.slice(0, 1)];
}

function isAmbiguous(lines: readonly string[], typed: string): boolean {
  return lines.filter((line) => line.startsWith(typed)).length > 1;
}

it("has a place for every action of every command", () => {
  const paths = PLACES.map(({ path }: Place) => path);
  expect(paths).toEqual(expect.arrayContaining(["key change-passphrase", "custodian status"]));
  expect(new Set(paths).size).toBe(paths.length);
});
