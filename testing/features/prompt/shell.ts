// A shell on a terminal of its own, and programs in it that ask for a password.
import { existsSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { INSTALLED, isRaw, Pty, ROOT, RUNTIMES, SOAK, WITHOUT_FFI } from "./pty.ts";

/** It asks, and waits for nothing else. It is started by its path alone: a shell shows its command. */
export const PROGRAM: string = `${ROOT}testing/features/prompt/ask_alone.ts`;
export const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  ...RUNTIMES,
  ...WITHOUT_FFI,
};
export const CHOSEN: readonly string[] = SOAK
  ? [...INSTALLED, ...Object.keys(WITHOUT_FFI)]
  : ["node-24"];
/** It waits inside `setRaw`, and cannot know that it is in the background. */
export const DENO = "deno without FFI";
export const PATIENCE = { timeout: 20_000, interval: 2 } as const;
/** dash, unlike bash, leaves the terminal as a job left it when it stops. */
const SHELLS: Readonly<Record<string, readonly string[]>> = {
  bash: ["/bin/bash", "--norc", "--noediting", "-i"],
  dash: ["/bin/dash", "-i"],
};
export const PRESENT: readonly string[] = Object.keys(SHELLS).filter((name) =>
  existsSync(SHELLS[name]?.[0] ?? ""),
);

/** A shell with job control in which a program asks. */
export class Shell {
  readonly pty: Pty;
  pid = 0;
  /** Else it may wait for something before the terminal is silent. */
  #hasFfi = true;

  constructor(shell: string) {
    const settings = { PS1: "$ ", HISTFILE: "", TERM: "dumb" };
    this.pty = new Pty(SHELLS[shell] ?? [], settings);
  }

  /** Types a command, and waits for `pattern` in what follows. */
  async command(text: string, pattern: RegExp): Promise<RegExpExecArray> {
    await this.pty.saw(/\$ $/);
    const at = this.pty.text.length;
    this.pty.type(`${text}\n`);
    return await this.pty.saw(pattern, at);
  }

  async start(
    name: string,
    { mode = "prompt", behind = "" }: { mode?: string; behind?: string } = {},
  ): Promise<void> {
    this.#hasFfi = name !== DENO;
    const command = [...(COMMANDS[name] ?? []), PROGRAM, mode].join(" ");
    this.pid = Number((await this.command(`${behind} ${command}`, /ready (\d+)/))[1]);
  }

  async asked(): Promise<void> {
    await this.pty.saw(/password: /);
    await expect.poll(async () => isRaw(await this.pty.flags()), PATIENCE).toBe(true);
  }

  async ctrlZ(): Promise<void> {
    const at = this.pty.text.length;
    this.pty.type("\x1a");
    await this.stopped(at);
  }

  async stopped(from: number): Promise<void> {
    await this.pty.saw(/[Ss]topped[\s\S]*\$ $/, from);
    expect(this.state()).toBe("T");
  }

  /** Brings it back; silent as soon as it has run, whatever it waits for then. */
  async foreground(): Promise<void> {
    await this.command("fg", /ask_alone/);
    await expect.poll(() => this.state(), PATIENCE).not.toBe("T");
    if (this.#hasFfi) await expect.poll(() => this.state(), PATIENCE).toBe("S");
    else await expect.poll(async () => isRaw(await this.pty.flags()), PATIENCE).toBe(true);
    expect(isRaw(await this.pty.flags())).toBe(true);
  }

  /** The shell tells of a job in the background in front of its next prompt. */
  async noticed(): Promise<void> {
    const from = this.pty.text.length;
    const isTold = (): boolean => {
      const isSeen = /[Ss]topped[\s\S]*\$ $/.test(this.pty.text.slice(from));
      if (!isSeen) this.pty.type("\n");
      return isSeen;
    };
    await expect.poll(isTold, { timeout: 20_000, interval: 200 }).toBe(true);
  }

  /** Types a line and its end, and sees it arrive and nothing of it on the screen. */
  async arrives(typed: string, whole: string = typed): Promise<void> {
    const at = this.pty.text.length;
    this.pty.type(`${typed}\r`);
    await this.pty.saw(new RegExp(`got ${Buffer.from(whole).toString("hex")}`), at);
    expect(this.pty.text.slice(at)).not.toContain(typed);
    await this.pty.saw(/\$ $/, at);
  }

  state(): string {
    return /\) (\S)/.exec(readFileSync(`/proc/${this.pid}/stat`, "latin1"))?.[1] ?? "";
  }
}
