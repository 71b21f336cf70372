import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { checkOptions } from "./options.ts";
import type { ReadOutcome, Terminal } from "./terminal.ts";
import { TerminalPrompt } from "./terminal_prompt.ts";

const secrets = openSecrets({ memory: "heap" });
afterEach(() => secrets.purge());

/** A terminal that can be set and not set back, as TERM-3 allows: no real one refuses that on demand. */
class OneWayTerminal implements Terminal {
  readonly mayHearStops: boolean = true;
  shown = "";
  #keys: number[] = [];

  type(keys: string): void {
    this.#keys.push(...Buffer.from(keys));
  }

  read(bytes: Uint8Array<ArrayBuffer>, offset: number): ReadOutcome {
    const key = this.#keys.shift();
    if (key === undefined) return "nothing";
    bytes[offset] = key;
    return "byte";
  }

  write(text: string): void {
    this.shown += text;
  }

  enterRaw(): void {
    // it is set
  }
  leaveRaw(): void {
    throw new Error("tcsetattr(3) had no effect on the terminal");
  }
  isSilent(): boolean {
    return true;
  }
  isForeground(): boolean {
    return true;
  }
  isContested(): boolean {
    return false;
  }
  signal(): void {
    // nobody asks for it here
  }
  stop(): void {
    // nobody asks for it here
  }
  close(): void {
    // nobody asks for it here
  }
}

const READERS = { keep: () => undefined, release: () => undefined };
const ask = (terminal: Terminal, signal?: AbortSignal): ReturnType<TerminalPrompt["run"]> => {
  const options = checkOptions("?", signal === undefined ? {} : { signal });
  return new TerminalPrompt(terminal, READERS, secrets, "?", options).run();
};

describe("a terminal that cannot be set back", () => {
  it("is reported as a warning with a remedy, and the secret is there", async () => {
    const warned = new Promise<Error & { code?: string }>((resolve) =>
      process.once("warning", resolve),
    );
    const terminal = new OneWayTerminal();
    const asked = ask(terminal);
    terminal.type("sesame\r");
    const secret = await asked;
    expect(secret.byteLength).toBe(6);
    const { name, code, message } = await warned;
    expect([name, code]).toEqual(["LetheWarning", "LETHE_TERMINAL_NOT_RESTORED"]);
    expect(message).toMatch(/tcsetattr\(3\) had no effect on the terminal; type "stty sane"/);
    expect(terminal.shown).not.toMatch(/sesame|NOT_RESTORED/);
  });

  it("is reported on itself when the program ends, before a warning would be printed", async () => {
    const before = process.listeners("exit");
    const terminal = new OneWayTerminal();
    const asked = ask(terminal);
    const own = process.listeners("exit").filter((listener) => !before.includes(listener));
    for (const listener of own) listener.call(process, 0); // as process.exit() does
    await expect(asked).rejects.toThrow(
      expect.objectContaining({ code: "ERR_LETHE_PROMPT_CANCELLED" }),
    );
    expect(terminal.shown).toMatch(/\r\nLETHE_TERMINAL_NOT_RESTORED: .*stty sane" and Enter\r\n/);
  });
});
