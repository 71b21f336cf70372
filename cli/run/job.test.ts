import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLI_RUNTIMES, lethe, plainEnvironment } from "../../testing/cli/lethe.ts";
import { RunStage } from "../../testing/cli/run/run_stage.ts";
import { isRunning } from "../../testing/features/custodian/stage.ts";
import { MISSING, NOT_RUN, Pty, SOAK } from "../../testing/features/prompt/pty.ts";

let stage: RunStage;
beforeEach(() => {
  stage = new RunStage();
});
afterEach(() => stage.end());

const UP = /up (\d+) (\d+)/;
/** Says who it is, and ends with 9 when there is a file `end`. In bash: a stopped vfork(2) of dash holds it in D. */
const TURNING = 'echo "up $PPID $$"; while [ ! -e end ]; do sleep 0.05; done; exit 9';
const STOPPING = 'echo "up $PPID $$"; kill -STOP $$; echo "on again"; exit 9';

/** Of /proc/PID/stat, from the state on. */
function fieldsOf(pid: number): readonly string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** `R`, `S`, `T` of a stopped process. */
function stateOf(pid: number): string {
  return fieldsOf(pid)[0] ?? "";
}

function isInForeground(pid: number): boolean {
  const [, , group, , , foreground] = fieldsOf(pid);
  return group === foreground;
}

function words(runtime: string, script: string): readonly string[] {
  return lethe(runtime, "run", "--key", join(stage.folder, "key"), "--", "bash", "-c", script);
}

/** Types a job into an interactive shell. @returns the terminal, lethe and its command */
async function inShell(runtime: string, script: string): Promise<readonly [Pty, number, number]> {
  const environment = { PS1: "ready> ", HISTFILE: "/dev/null", NODE_NO_WARNINGS: "1" };
  stage.pty = new Pty(["bash", "--norc", "-i"], environment);
  await stage.pty.saw(/ready> /);
  const quoted = words(runtime, script).map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  stage.pty.type(`cd ${stage.folder}; ${quoted.join(" ")}; echo "sta""tus $?"\r`);
  return [stage.pty, ...noted(await stage.pty.saw(UP))];
}

function noted(match: RegExpExecArray | null): readonly [number, number] {
  const [own, command] = [Number(match?.[1]), Number(match?.[2])];
  stage.started.push(own, command);
  return [own, command];
}

describe.skipIf(MISSING !== null || !SOAK).each(CLI_RUNTIMES)(
  `${NOT_RUN}in a shell on %s, a job of lethe run`,
  (runtime) => {
    it("is stopped by Ctrl-Z, goes on in the background and in the foreground, and ends", async () => {
      const [terminal, own, command] = await inShell(runtime, TURNING);
      terminal.type("\x1a");
      await terminal.saw(/Stopped/);
      expect([stateOf(own), stateOf(command)]).toEqual(["T", "T"]);
      terminal.type("bg\r");
      await expect.poll(() => stateOf(command)).not.toBe("T");
      terminal.type("fg\r");
      await expect.poll(() => isInForeground(own)).toBe(true);
      terminal.type("\x1a");
      await expect.poll(() => stateOf(command)).toBe("T");
      terminal.type('fg; echo "sta""tus $?"\r');
      await expect.poll(() => stateOf(command)).not.toBe("T");
      writeFileSync(join(stage.folder, "end"), "");
      await terminal.saw(/status 9/);
    });

    it("gives the shell its terminal back when the command alone is stopped", async () => {
      const [terminal, own] = await inShell(runtime, STOPPING);
      await terminal.saw(/Stopped/);
      expect(stateOf(own)).toBe("T");
      terminal.type('fg; echo "sta""tus $?"\r');
      await terminal.saw(/on again[\s\S]*status 9/);
    });

    it("ends at once by kill %1 while it is stopped", async () => {
      const [terminal, own, command] = await inShell(runtime, TURNING);
      terminal.type("\x1a");
      await terminal.saw(/Stopped/);
      terminal.type("kill %1\r");
      await expect.poll(() => isRunning(own) || isRunning(command)).toBe(false);
      terminal.type("\r");
      await terminal.saw(/Exit 143|Terminated/);
    });
  },
);

describe.skipIf(process.platform !== "linux").each(CLI_RUNTIMES)(
  "without a terminal on %s, lethe run",
  (runtime) => {
    /** In a session of its own. @returns lethe, its command, and lethe's exit status */
    async function start(script: string): Promise<readonly [number, number, Promise<number>]> {
      const [file = "", ...parameters] = words(runtime, script);
      const running = spawn(file, parameters, {
        cwd: stage.folder,
        env: plainEnvironment(),
        detached: true,
        stdio: ["ignore", "pipe", "inherit"],
      });
      stage.child = running;
      const ended = new Promise<number>((resolve) => {
        running.once("close", (code, signal) => resolve(signal === null ? Number(code) : -1));
      });
      let said = "";
      running.stdout.on("data", (text) => {
        said += text;
      });
      await expect.poll(() => said, { timeout: 30_000 }).toMatch(UP);
      return [...noted(UP.exec(said)), ended];
    }

    const signals = [["SIGTERM", 143] as const, ...(SOAK ? [["SIGHUP", 129] as const] : [])];
    it.each(signals)("ends a command that is stopped at once by %s", async (signal, status) => {
      const [own, command, ended] = await start(TURNING);
      process.kill(command, "SIGSTOP");
      await expect.poll(() => stateOf(command)).toBe("T");
      expect(stateOf(own)).not.toBe("T"); // there is no shell that waits for it
      process.kill(own, signal);
      expect(await ended).toBe(status);
    });

    it.skipIf(!SOAK)("stops its command by SIGTSTP, and lets it go on by SIGCONT", async () => {
      const [own, command, ended] = await start(TURNING);
      process.kill(own, "SIGTSTP");
      // A session without a shell is orphaned: the kernel does not stop what ignores nothing there.
      process.kill(command, "SIGSTOP");
      await expect.poll(() => stateOf(command)).toBe("T");
      process.kill(own, "SIGCONT");
      await expect.poll(() => stateOf(command)).not.toBe("T");
      writeFileSync(join(stage.folder, "end"), "");
      expect(await ended).toBe(9);
    });
  },
);
