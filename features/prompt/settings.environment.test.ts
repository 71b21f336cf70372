/** Prompts in other terminals and threads, and what is put back. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  INSTALLED,
  isCooked,
  MISSING,
  NOT_RUN,
  Pty,
  ROOT,
  RUNTIMES,
  SOAK,
  WITHOUT_FFI,
  WITHOUT_KOFFI,
} from "../../testing/features/prompt/pty.ts";

const ASK = `${ROOT}testing/features/prompt/ask.ts`;
const IN_WORKER = `${ROOT}testing/features/prompt/ask_in_worker.ts`;
const COMMANDS = { ...RUNTIMES, ...WITHOUT_FFI };
const ALL = SOAK ? [...INSTALLED, ...Object.keys(WITHOUT_FFI)] : [];
const HEX = Buffer.from("sesame").toString("hex");
const TMUX = existsSync("/usr/bin/tmux");

let folder = "";
let pty: Pty | undefined;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-settings-"));
});
afterEach(async () => {
  await pty?.close();
  pty = undefined;
  if (child?.pid !== undefined && child.exitCode === null) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(MISSING !== null || !SOAK)(`${NOT_RUN}a prompt`, () => {
  // Deno without FFI prompts only where a hang-up ends it by SIGHUP.
  const SURVIVING = ALL.filter((name) => name !== "deno without FFI");
  it.each(SURVIVING)("on %s whose terminal hangs up is closed", async (name) => {
    const out = join(folder, "out");
    // In a session of its own, so that no SIGHUP ends it first.
    const shell = ["/usr/bin/setsid", "--wait", "/bin/sh", "-c", 'exec "$@" >"$0" 2>&1', out];
    const at = new Pty([...shell, ...(COMMANDS[name] ?? []), ASK, "handles-nothing"]);
    pty = at;
    await at.saw(/password: /);
    at.type("half");
    await new Promise((resolve) => setTimeout(resolve, 200));
    await at.close();
    await expect
      .poll(() => readFileSync(out, "utf8"), { timeout: 20_000 })
      .toMatch(/rejected ERR_LETHE_PROMPT_CLOSED [\s\S]*live 0/);
  });

  it.each(ALL)(
    "in a worker thread of %s gets its line, and the terminal is restored",
    async (name) => {
      pty = new Pty([...(COMMANDS[name] ?? []), IN_WORKER]);
      await pty.saw(/password: |rejected/);
      await new Promise((resolve) => setTimeout(resolve, 100));
      pty.type("sesame\r");
      await pty.saw(new RegExp(`got ${HEX} live 0`));
      expect(isCooked(await pty.flags())).toBe(true);
      expect(pty.text).not.toContain("sesame");
      const { code, flags } = await pty.ended;
      expect([code, isCooked(flags)]).toEqual([0, true]);
    },
  );

  it.skipIf(!TMUX).each(ALL)(
    `${TMUX ? "" : "NOT RUN, there is no tmux: "}on %s in tmux takes keys and a paste, and is restored`,
    async (name) => {
      const tmux = (...words: readonly string[]): string =>
        execFileSync("/usr/bin/tmux", ["-S", join(folder, "socket"), ...words], {
          encoding: "utf8",
          env: { ...process.env, TERM: "xterm-256color", TMUX: "", NODE_OPTIONS: "" },
        });
      const screen = (): string => tmux("capture-pane", "-p", "-J", "-S", "-");
      const shows = (pattern: RegExp): Promise<void> =>
        expect.poll(screen, { timeout: 20_000 }).toMatch(pattern);
      const program = [...(COMMANDS[name] ?? []), ASK, "series"];
      tmux("-f", "/dev/null", "new-session", "-d", "-x", "200", "-y", "50", "/bin/sh");
      try {
        tmux(
          "send-keys",
          "-l",
          `cd ${ROOT} && ${program.join(" ")}; stty -a | tr ' ;' '\\n\\n' | grep -x -e echo -e icanon`,
        );
        tmux("send-keys", "Enter");
        await shows(/password: /);
        await new Promise((resolve) => setTimeout(resolve, 200));
        tmux("send-keys", "-l", "wrong");
        tmux("send-keys", "C-u");
        tmux("send-keys", "Left");
        tmux("send-keys", "-l", "sesame");
        tmux("send-keys", "Enter");
        await shows(new RegExp(`got ${HEX}`));
        tmux("set-buffer", "sesame");
        tmux("paste-buffer", "-p");
        tmux("send-keys", "Enter");
        await shows(new RegExp(`got ${HEX}[\\s\\S]*got ${HEX}`));
        tmux("send-keys", "-l", "quit");
        tmux("send-keys", "Enter");
        await shows(/live 0\n(?:echo\nicanon|icanon\necho)/);
        expect(screen()).not.toMatch(/sesame|wrong/);
      } finally {
        tmux("kill-server");
      }
    },
  );
});

describe.skipIf(process.platform !== "linux" || !SOAK)("a socket that a prompt reads", () => {
  const flags = (pid: number | string): string =>
    /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/3`, "utf8"))?.[1] ?? "";
  const isNonBlocking = (pid: number): boolean => (Number.parseInt(flags(pid), 8) & 0o4000) !== 0;

  it.each(
    Object.keys(WITHOUT_KOFFI).flatMap(
      (name) =>
        [
          [name, "line"],
          [name, "SIGTERM"],
        ] as const,
    ),
  )("on %s has no O_NONBLOCK any more after the end by %s", async (name, end) => {
    const program = [...(WITHOUT_KOFFI[name] ?? []), ASK, "line", "sodium", "3", "0"];
    const shell = ["/bin/sh", "-c", '"$@"; grep flags: /proc/self/fdinfo/3', "sh", ...program];
    const { NODE_OPTIONS: _, ...env } = process.env;
    let text = "";
    child = spawn(shell[0] ?? "", shell.slice(1), {
      ...{ cwd: ROOT, env },
      stdio: ["ignore", "pipe", "inherit", "pipe"],
    });
    child.stdout?.on("data", (chunk) => {
      text += chunk;
    });
    await expect.poll(() => text, { timeout: 20_000 }).toMatch(/ready \d+/);
    const pid = Number(/ready (\d+)/.exec(text)?.[1]);
    await expect.poll(() => isNonBlocking(pid), { timeout: 20_000 }).toBe(true);
    if (end === "line") (child.stdio[3] as Writable).write("sesame\n");
    else process.kill(pid, "SIGTERM");
    await expect.poll(() => text, { timeout: 20_000 }).toMatch(/flags:\s+\d+\n/);
    const after = Number.parseInt(/flags:\s+(\d+)/.exec(text)?.[1] ?? "", 8);
    expect(after & 0o4000).toBe(0);
    if (end === "line") expect(text).toContain("held 6");
  });
});
