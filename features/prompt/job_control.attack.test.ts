import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import {
  isCooked,
  isRaw,
  MISSING,
  NOT_RUN,
  Pty,
  ROOT,
  RUNTIMES,
  SOAK,
} from "../../testing/features/prompt/pty.ts";
import {
  CHOSEN,
  COMMANDS,
  DENO,
  PATIENCE,
  PRESENT,
  PROGRAM,
  Shell,
} from "../../testing/features/prompt/shell.ts";

/**
 * Ctrl-Z at a prompt in a program that waits for nothing else: what is typed after `fg` must not go to
 * the shell or onto the screen.
 */
let pty: Pty | undefined;
let folder: string | undefined;
afterEach(async () => {
  await pty?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

function openShell(name: string): Shell {
  const shell = new Shell(name);
  pty = shell.pty;
  return shell;
}

async function asking(
  shell: string,
  name: string,
  how: { mode?: string; behind?: string } = {},
): Promise<Shell> {
  const at = openShell(shell);
  await at.start(name, how);
  await at.asked();
  return at;
}

describe.skipIf(MISSING !== null).each(CHOSEN)(
  `${NOT_RUN}Ctrl-Z at a prompt alone on %s`,
  (name) => {
    it("stops it, time and again, and what is typed after fg goes to the prompt", async () => {
      const shell = await asking("bash", name);
      shell.pty.type("hun");
      for (let round = 0; round < (SOAK ? 3 : 1); round++) {
        await shell.ctrlZ();
        expect(isCooked(await shell.pty.flags())).toBe(true);
        await shell.foreground();
      }
      await shell.arrives("ter2-secret", "hunter2-secret");
    });
  },
);

describe.skipIf(MISSING !== null || !SOAK).each(CHOSEN)(
  `${NOT_RUN}a job at a prompt on %s`,
  (name) => {
    it.each(PRESENT)(
      "of %s stops and goes on with the terminal as each wants it",
      async (shell) => {
        const at = await asking(shell, name);
        for (let round = 0; round < 3; round++) {
          await at.ctrlZ();
          expect(isCooked(await at.pty.flags())).toBe(true);
          await at.foreground();
        }
        await at.arrives("hunter2-secret");
      },
    );

    it.skipIf(name === DENO).each(PRESENT)(
      "of %s that a custodian asks stops and goes on",
      async (shell) => {
        const at = await asking(shell, name, { mode: "custodian" });
        for (let round = 0; round < 3; round++) {
          await at.ctrlZ();
          expect(isCooked(await at.pty.flags())).toBe(true);
          const from = at.pty.text.length;
          await at.command("fg", /password: /);
          await at.asked();
          expect(at.pty.text.slice(from)).toContain("password: ");
        }
        await at.arrives("hunter2-secret");
      },
    );

    it.skipIf(name === DENO)("that SIGTSTP stops from outside keeps what was typed", async () => {
      const at = await asking("bash", name);
      at.pty.type("before ");
      await new Promise((resolve) => setTimeout(resolve, 200));
      const from = at.pty.text.length;
      process.kill(at.pid, "SIGTSTP");
      await at.stopped(from);
      await at.foreground();
      await at.arrives("after", "before after");
    });

    it("that SIGSTOP stops is silent before it draws itself again, whatever a shell has set", async () => {
      const at = await asking("bash", name);
      at.pty.type("before ");
      await new Promise((resolve) => setTimeout(resolve, 200)); // a SIGSTOP leaves no time to read it
      let silentFirst = 0;
      for (let round = 0; round < 20 && silentFirst === 0; round++) {
        const from = at.pty.text.length;
        process.kill(at.pid, "SIGSTOP");
        await at.stopped(from);
        await at.command("stty echo icanon icrnl isig; echo set", /set\r\n/);
        await new Promise((resolve) => setTimeout(resolve, 60));
        const back = at.pty.text.length;
        await at.command("fg", /ask_alone/);
        const often = { ...PATIENCE, interval: 1 };
        await expect.poll(async () => isRaw(await at.pty.flags()), often).toBe(true);
        if (!at.pty.text.slice(back).includes("password: ")) silentFirst += 1;
        await at.pty.saw(/password: /, back);
      }
      expect(silentFirst).toBeGreaterThan(0); // not each time: this test may look too late
      await at.arrives("after", "before after");
    });

    it("that stands still and goes on at once loses nothing", async () => {
      pty = new Pty([...(COMMANDS[name] ?? []), PROGRAM, "prompt"]);
      const pid = Number((await pty.saw(/ready (\d+)/))[1]);
      await pty.saw(/password: /);
      for (const letter of "slowly") {
        process.kill(pid, "SIGSTOP");
        pty.type(letter);
        await new Promise((resolve) => setTimeout(resolve, 30));
        process.kill(pid, "SIGCONT");
      }
      pty.type("\r");
      await pty.saw(new RegExp(`got ${Buffer.from("slowly").toString("hex")}`));
      expect(pty.text).not.toContain("slowly");
    });

    it("stops between two bytes of a character", async () => {
      const at = await asking("bash", name);
      at.pty.typeBytes([0x61, 0xc3]);
      await at.ctrlZ();
      await at.foreground();
      at.pty.typeBytes([0xa9, 0x0d]);
      await at.pty.saw(/got 61c3a9/);
    });

    it("is stopped in the background, by & and by bg, until it is brought to the front", async () => {
      const at = openShell("bash");
      await at.command(`${[...(COMMANDS[name] ?? []), PROGRAM].join(" ")} &`, /\$ /);
      at.pid = Number((await at.pty.saw(/ready (\d+)/))[1]);
      await expect.poll(() => at.state(), PATIENCE).toBe("T");
      expect(isCooked(await at.pty.flags())).toBe(true);
      await at.noticed();
      await at.foreground();
      await at.ctrlZ();
      await at.command("bg", /ask_alone/);
      await expect.poll(() => at.state(), PATIENCE).toBe("T");
      await at.noticed();
      expect(isCooked(await at.pty.flags())).toBe(true);
      await at.foreground();
      await at.arrives("hunter2-secret");
    });

    it("that nobody could continue goes on", async () => {
      // The leader of a session: its process group is orphaned, and the kernel stops none of these.
      pty = new Pty([...(COMMANDS[name] ?? []), PROGRAM, "prompt"]);
      await pty.saw(/password: /);
      pty.type("one\x1a");
      await pty.saw(/password: [\s\S]*password: /);
      await expect.poll(async () => isRaw(await (pty as Pty).flags()), PATIENCE).toBe(true);
      pty.type("two\r");
      await pty.saw(new RegExp(`got ${Buffer.from("onetwo").toString("hex")}`));
    });

    it("in the background of a shell that is gone is an error, not a terminal set by a stranger", async () => {
      // The inner shell ends; what it started is orphaned, in a process group that is not in front.
      const command = [...(COMMANDS[name] ?? []), PROGRAM].join(" ");
      pty = new Pty(["/bin/bash", "-c", `bash -c 'set -m; ${command} &'; sleep 30`]);
      await pty.saw(/rejected ERR_LETHE_UNAVAILABLE[^\n]*background/);
      expect(isCooked(await pty.flags())).toBe(true);
    });

    it.skipIf(name === DENO)("under nohup asks as any other, and stops", async () => {
      const at = openShell("bash");
      const command = `nohup ${[...(COMMANDS[name] ?? []), PROGRAM].join(" ")} >/dev/null`;
      await at.command(command, /password: /); // its output goes there, and the prompt to the terminal
      await at.asked();
      at.pty.type("\x1a");
      await at.pty.saw(/[Ss]topped[\s\S]*\$ $/);
      await at.command("fg", /password: /);
      await at.asked();
      at.pty.type("hunter2\r");
      await at.command("echo status $?", /status 0/);
      expect(at.pty.text).not.toContain("hunter2");
    });

    it.skipIf(name === DENO)(
      "ends by SIGTERM in the background, where it may not touch the terminal",
      async () => {
        const at = await asking("bash", name);
        process.kill(at.pid, "SIGSTOP");
        await at.pty.saw(/[Ss]topped[\s\S]*\$ $/);
        await at.command("kill %1", /\$ /);
        await expect.poll(() => existsSync(`/proc/${at.pid}`), PATIENCE).toBe(false);
        await at.command("stty -a | tr ' ' '\\n' | grep -x -- -*echo", /\necho\r/);
      },
    );
  },
);

const ASKING = ["scan --file PROGRAM", "key create --seal FOLDER/key", "run --prompt pw -- true"];
const CASES = ["node-24", "deno", "bun"].flatMap((name) => ASKING.map((line) => [line, name]));

it.skipIf(MISSING !== null || !SOAK).each(CASES)(
  `${NOT_RUN}lethe %s is stopped and goes on, on %s`,
  async (line, name) => {
    const at = openShell("bash");
    folder = mkdtempSync(join(tmpdir(), "lethe-"));
    const cli = [...(RUNTIMES[name ?? ""] ?? []), `${ROOT}cli/main.ts`].join(" ");
    const parameters = line?.replace("FOLDER", folder).replace("PROGRAM", PROGRAM);
    await at.command(`${cli} ${parameters}`, /: $/);
    for (let round = 0; round < 2; round++) {
      await expect.poll(async () => isRaw(await at.pty.flags()), PATIENCE).toBe(true);
      const from = at.pty.text.length;
      at.pty.type("\x1a");
      await at.pty.saw(/[Ss]topped[\s\S]*\$ $/, from);
      expect(isCooked(await at.pty.flags())).toBe(true);
      await at.command("fg", /: $/);
    }
    await expect.poll(async () => isRaw(await at.pty.flags()), PATIENCE).toBe(true);
    at.pty.type("hunter2\x03");
    await at.command("echo status $?", /status 130/);
    expect(at.pty.text).not.toContain("hunter2");
  },
);
