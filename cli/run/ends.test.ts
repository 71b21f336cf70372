import { spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expectNoResidue } from "../../conformance/mod.ts";
import { atHand } from "../../testing/built.ts";
import { RunStage } from "../../testing/cli/run/run_stage.ts";
import { isCooked, MISSING, NOT_RUN, Pty, SOAK } from "../../testing/features/prompt/pty.ts";
import { password } from "../../testing/features/prompt/typed.ts";

const LETHE = [process.execPath, atHand("cli/main.ts"), "run"];

/** A command that reads its secrets, and says which signals come, until one of them ends it. */
const COMMAND = [
  "sh",
  "-c",
  `trap 'echo int' INT; trap 'echo hup' HUP; trap 'echo term; exit 3' TERM
   cat <&3 >/dev/null; echo "up $PPID $$"; while :; do sleep 0.05; done`,
];

/** What a scan of lethe has to find: it is an argument of the command. */
const WITNESS = {
  label: "witness",
  bytes: new TextEncoder().encode("the witness, 4711 of lethe run"),
};

let stage: RunStage;
beforeEach(() => {
  stage = new RunStage();
});
afterEach(() => stage.end());

const keyed = (): readonly string[] => [
  ...LETHE,
  "--key",
  `key=${join(stage.folder, "key")}`,
  "--",
];

/** In a terminal, whose keys' signals go to lethe and its command alike. */
async function typing(command: readonly string[]): Promise<readonly [Pty, number, number]> {
  stage.pty = new Pty(command);
  return [stage.pty, ...noted(await stage.pty.saw(UP))];
}

const UP = /up (\d+) (\d+)/;

/** The process of lethe, and the one of its command. */
function noted(match: RegExpExecArray | null): readonly [number, number] {
  const [lethe, command] = [Number(match?.[1]), Number(match?.[2])];
  stage.started.push(lethe, command);
  return [lethe, command];
}

const count = (text: string, word: string): number => text.split(`${word}\r\n`).length - 1;

describe.skipIf(MISSING !== null)(`${NOT_RUN}lethe run in a terminal`, () => {
  it.each([
    ["with a standard input that is one", "/dev/tty"],
    ["with one that is none", "/dev/null"],
  ])("leaves Ctrl-C to the terminal, %s", async (_, input) => {
    const shell = ["/bin/sh", "-c", `exec "$@" <${input}`, "sh"];
    const [terminal, lethe] = await typing([...shell, ...keyed(), ...COMMAND]);
    terminal.type("\x03");
    await terminal.saw(/int/);
    process.kill(lethe, "SIGTERM");
    await terminal.saw(/term/);
    // The terminal sent one to the command, and lethe none.
    expect(count(terminal.text, "int")).toBe(1);
    const { code, flags } = await terminal.ended;
    expect([code, isCooked(flags)]).toEqual([3, true]);
  });

  it("passes signals on as often as they come, and gives 137 for a command that was killed", async () => {
    const [terminal, lethe, command] = await typing([...keyed(), ...COMMAND]);
    for (const times of [1, 2, 3]) {
      process.kill(lethe, "SIGHUP");
      await terminal.saw(new RegExp(`(hup[^]*){${times}}`));
    }
    process.kill(command, "SIGKILL");
    expect((await terminal.ended).code).toBe(137);
  });

  it("holds nothing of what was typed once the command has it", async () => {
    const witness = new TextDecoder().decode(WITNESS.bytes);
    stage.pty = new Pty([
      ...LETHE,
      "--prompt",
      "one",
      "--prompt",
      "two",
      "--",
      ...COMMAND,
      witness,
    ]);
    for (const [name, kind] of [
      ["one", "ascii"],
      ["two", "unicode"],
    ] as const) {
      await stage.pty.saw(new RegExp(`${name}: `));
      await new Promise((resolve) => setTimeout(resolve, 150)); // what is typed earlier is discarded
      stage.pty.typePassword(kind);
      stage.pty.type("\r");
    }
    const [lethe, command] = noted(await stage.pty.saw(UP));
    const needle = [
      { label: "one", bytes: password("ascii") },
      { label: "two", bytes: password("unicode") },
    ];
    expectNoResidue({ pid: lethe, needle, witness: WITNESS });
    expect(childrenOf(lethe)).toEqual([String(command)]);
    expect(socketsOf(lethe)).toEqual([]);
    process.kill(lethe, "SIGTERM");
    expect((await stage.pty.ended).code).toBe(3);
  });

  it.each(
    [
      ["Ctrl-D", "\x04", 2, "the input ended"],
      ["Enter alone", "\r", 2, "the line is empty"],
      ["Ctrl-C", "\x03", 130, ""],
    ].filter(([key]) => SOAK || key === "Ctrl-C") as [string, string, number, string][],
  )("ends by %s at the second prompt, without the command", async (_, key, status, said) => {
    stage.pty = new Pty([...LETHE, "--prompt", "one", "--prompt", "two", "--", "echo", "started"]);
    await stage.pty.saw(/one: /);
    await new Promise((resolve) => setTimeout(resolve, 150));
    stage.pty.type("first\r");
    await stage.pty.saw(/two: /);
    await new Promise((resolve) => setTimeout(resolve, 150));
    stage.pty.type(key);
    const { code, flags } = await stage.pty.ended;
    expect([code, isCooked(flags)]).toEqual([status, true]);
    expect(stage.pty.text).toContain(said);
    expect(stage.pty.text).not.toContain("started");
  });

  it("ends by a signal at the prompt, with the terminal restored", async () => {
    const script = '"$@" & echo "lethe $!"; wait $!; echo "status $?"';
    stage.pty = new Pty(["/bin/sh", "-c", script, "sh", ...LETHE, "--prompt", "one", "--", "true"]);
    const [, lethe] = await stage.pty.saw(/lethe (\d+)/);
    await stage.pty.saw(/one: /);
    process.kill(Number(lethe), "SIGTERM");
    await stage.pty.saw(/status 143/);
    expect(isCooked((await stage.pty.ended).flags)).toBe(true);
  });
});

describe.skipIf(process.platform !== "linux")("lethe run without a terminal", () => {
  async function start(parameters: readonly string[]): Promise<readonly [number, number]> {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const [file = "", ...rest] = parameters;
    stage.child = spawn(file, rest, { env, detached: true, stdio: ["ignore", "pipe", "inherit"] });
    said = "";
    stage.child.stdout?.on("data", (text) => {
      said += text;
    });
    await expect.poll(() => said, { timeout: 30_000 }).toMatch(UP);
    return noted(UP.exec(said));
  }
  let said = "";

  it("passes on what a terminal would send, too", async () => {
    const [lethe] = await start([...keyed(), ...COMMAND]);
    for (const [signal, word] of [
      ["SIGINT", "int"],
      ["SIGHUP", "hup"],
    ] as const) {
      process.kill(lethe, signal);
      await expect.poll(() => said, { timeout: 30_000 }).toContain(word);
    }
    const ended = new Promise((resolve) => stage.child?.once("close", resolve));
    process.kill(lethe, "SIGTERM");
    expect(await ended).toBe(3);
  });

  it("gives 128 + n for a command that ends by the signal that was passed on", async () => {
    const plain = ["sh", "-c", 'echo "up $PPID $$"; while :; do sleep 0.05; done'];
    const [lethe] = await start([...keyed(), ...plain]);
    const ended = new Promise((resolve) => stage.child?.once("close", resolve));
    process.kill(lethe, "SIGHUP");
    expect(await ended).toBe(129);
  });
});

function childrenOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ");
}

/** Its ends of what it has handed over, of which none may be left. */
function socketsOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return target.startsWith("socket:") ? [target] : [];
    } catch {
      return []; // closed meanwhile
    }
  });
}
