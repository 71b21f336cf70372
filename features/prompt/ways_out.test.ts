import { readFileSync } from "node:fs";
import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import {
  isCooked,
  isRaw,
  MISSING,
  NOT_RUN,
  ONE_EACH,
  Pty,
  ROOT,
  RUNTIMES,
  SOAK,
} from "../../testing/features/prompt/pty.ts";

const PROGRAM = `${ROOT}testing/features/prompt/ask.ts`;

let pty: Pty | undefined;
afterEach(() => pty?.close());

interface Asked {
  readonly pty: Pty;
  readonly pid: number;
}

/** A program that waits at its prompt, in a terminal that is raw by then. */
async function asking(
  name: string,
  scenario: string,
  shell: readonly string[] = [],
  more: readonly string[] = [],
): Promise<Asked> {
  pty = new Pty([...shell, ...(RUNTIMES[name] ?? []), PROGRAM, scenario, ...more]);
  const pid = Number((await pty.saw(/ready (\d+)/))[1]);
  await pty.saw(/password: /);
  expect(isRaw(await pty.flags())).toBe(true);
  return { pty, pid };
}

/** `npm run soak` takes every runtime. */
const CHOSEN = ONE_EACH.filter((name) => SOAK || name === "deno");

describe.skipIf(MISSING !== null).each(CHOSEN)(`${NOT_RUN}a prompt on %s`, (name) => {
  it("edits, refuses and goes on, while a timer ticks", async () => {
    const { pty } = await asking(name, "series");
    const dialogue: readonly (readonly [keys: string, answer: string])[] = [
      ["abc\x7fd", `got ${hex("abd")}`],
      ["one two\x17three", `got ${hex("one three")}`],
      ["wrong\x15right", `got ${hex("right")}`],
      ["e\u0301\x7fa\u0308", `got ${hex("a\u0308")}`],
      ["\ufeffpass", "rejected ERR_LETHE_ENCODING"],
      ["pa\u200bss", "rejected ERR_LETHE_ENCODING"],
      ["pass\u00a0", "rejected ERR_LETHE_ENCODING"],
      ["pa\u0085ss", `got ${hex("pass")}`],
      ["\x1b[A\x1b[1;5Cx\x1bOP\x1b[3~y", `got ${hex("xy")}`],
      ["\x01\x00tab\t", `got ${hex("tab\t")}`],
      ["", "rejected ERR_LETHE_PROMPT_EMPTY"],
      ["0123456789012345678901234", "rejected ERR_LETHE_PROMPT_TOO_LONG"],
      ["0123456789012345678901234\x15short", `got ${hex("short")}`],
      ["abc\x03", "rejected ERR_LETHE_PROMPT_CANCELLED"],
      ["\x04", "rejected ERR_LETHE_PROMPT_CLOSED"],
      ["a\x04b", `got ${hex("ab")}`],
      ["one\rtwo", `got ${hex("one")}`],
      ["three", `got ${hex("three")}`],
      ["quit", `got ${hex("quit")}`],
    ];
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const [keys, answer] of dialogue) {
      await pty.saw(/password: $/);
      const at = pty.text.length;
      pty.type(ENDS.includes(keys.slice(-1)) ? keys : `${keys}\r`);
      const [said] = await pty.saw(/(got|rejected) .*?\r\n/, at);
      expect(said, JSON.stringify(keys)).toContain(answer);
    }
    expect(pty.text).toContain("ticking");
    await pty.saw(/live 0/);
    const { code, flags } = await pty.ended;
    expect([code, isCooked(flags)]).toEqual([0, true]);
  });

  it("discards what was typed, and echoed, before it asked", async () => {
    pty = new Pty([...(RUNTIMES[name] ?? []), PROGRAM, "series"]);
    pty.type("early\rearly");
    await pty.saw(/password: /);
    pty.type("quit\r");
    await pty.saw(/live 0/);
    expect(pty.text).toContain(`got ${hex("quit")}`);
  });

  const signals = SOAK
    ? (["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const)
    : (["SIGTERM"] as const);
  it.each(signals)("leaves by %s with the terminal restored", async (signal) => {
    const { pty, pid } = await asking(name, "handles-nothing");
    process.kill(pid, signal);
    const ending = await pty.ended;
    expect(ending.signal).toBe(signal);
    expect(isCooked(ending.flags)).toBe(true);
    expect(pty.text).not.toContain("rejected");
  });

  it.each([
    ["throws", 1, /of the application/],
    ...(SOAK ? ([["exits", 7, /password/]] as const) : []),
    ...(name === "deno" ? ([["deno-exits", 7, /password/]] as const) : []),
    ...(SOAK ? ALIKE : []),
  ] as const)("when the application %s, the terminal is restored", async (scenario, code, text) => {
    const { pty } = await asking(name, scenario);
    const ending = await pty.ended;
    expect([ending.code, ending.signal, isCooked(ending.flags)]).toEqual([code, null, true]);
    expect(pty.text).toMatch(text);
  });

  it("leaves a signal to the application that handles it", async () => {
    const { pty, pid } = await asking(name, "handles");
    process.kill(pid, "SIGTERM");
    await pty.saw(/the application goes on[\s\S]*live 0/);
    expect(pty.text).toContain("rejected ERR_LETHE_PROMPT_CANCELLED");
    const ending = await pty.ended;
    expect([ending.code, ending.signal, isCooked(ending.flags)]).toEqual([0, null, true]);
  });

  it("and wipeOnExit together end by the signal", async () => {
    const { pty, pid } = await asking(name, "wipes");
    process.kill(pid, "SIGTERM");
    const ending = await pty.ended;
    expect([ending.signal, isCooked(ending.flags)]).toEqual(["SIGTERM", true]);
  });

  it("keeps the second line of a paste from the shell", async () => {
    const shell = ["/bin/sh", "-c", '"$@"; read line; echo "shell: $line"', "sh"];
    const { pty } = await asking(name, "series", shell);
    pty.type("quit\rsecond line\r");
    await pty.saw(/live 0/);
    pty.type("typed later\n");
    await pty.saw(/shell: typed later/);
  });

  it("can be put right by its parent after SIGKILL", async () => {
    const command = [...(RUNTIMES[name] ?? []), PROGRAM];
    const { pty, pid } = await asking(name, "guards", [], ["auto", ...command, "handles-nothing"]);
    process.kill(pid, "SIGUSR2");
    await pty.saw(/live 0/);
    expect(isCooked((await pty.ended).flags)).toBe(true);
  });

  it("stops with the terminal restored, and goes on where it was", async () => {
    // dash, unlike bash, does not put the terminal right by itself when a job stops.
    const shell = ["/bin/sh", "-c", 'set -m; "$@"; echo stopped; read x; fg; echo ended $?', "sh"];
    const { pty, pid } = await asking(name, "series", shell);
    pty.type("be");
    await pty.saw(/\*\*/);
    pty.type("\x1a");
    await pty.saw(/stopped/);
    expect(stateOf(pid)).toBe("T");
    expect(isCooked(await pty.flags())).toBe(true);
    const at = pty.text.length;
    pty.type("\n");
    await pty.saw(/password: \*\*/, at);
    expect(isRaw(await pty.flags())).toBe(true);
    pty.type("fore\r");
    await pty.saw(new RegExp(`got ${hex("before")}`), at);
    await pty.saw(/got[\s\S]*password: /, at);
    pty.type("quit\r");
    await pty.saw(/ended 0/);
  });
});

/** Ctrl-C and Ctrl-D need no Enter. */
const ENDS: readonly string[] = ["\x03", "\x04"];

/** What takes the same way on every runtime. */
const ALIKE = [
  ["aborts", 0, /rejected TimeoutError[\s\S]*live 0/],
  ["purges", 0, /rejected ERR_LETHE_PROMPT_CANCELLED[\s\S]*live 0/],
] as const;

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}

function stateOf(pid: number): string {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1] ?? "";
}
