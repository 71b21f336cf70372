import { readFileSync } from "node:fs";
import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { faultyCommand } from "../../testing/features/custodian/faulty.ts";
import { commandFor, Gates } from "../../testing/features/custodian/stage.ts";
import {
  INSTALLED,
  isCooked,
  isRaw,
  MISSING,
  NOT_RUN,
  Pty,
  RUNTIMES,
  SOAK,
} from "../../testing/features/prompt/pty.ts";

/** With FFI; `npm run soak` takes every runtime. */
const CHOSEN = INSTALLED.filter((name) => SOAK || name === "deno");

/** Keeps the terminal open behind the program, and has no job control: nobody else restores it. */
const SHELL = ["/bin/sh", "-c", '"$@"; echo status $?; read x', "sh"];
/** dash, unlike bash, does not put the terminal right by itself when a job stops or ends. */
const JOBS = ["/bin/sh", "-c", 'set -m; "$@"; echo stopped; read x; fg; echo ended $?', "sh"];

const PATIENCE = { timeout: 20_000 };

let gates: Gates | undefined;
let pty: Pty | undefined;
afterEach(async () => {
  await pty?.close();
  gates?.remove();
});

interface Asked {
  readonly pty: Pty;
  readonly application: number;
  readonly custodian: number;
}

/** An application whose custodian waits at its prompt, in a terminal that is raw by then. */
async function asking(
  name: string,
  shell: readonly string[],
  how = "throws",
  settings = "{}",
): Promise<Asked> {
  gates = new Gates();
  const command = commandFor(RUNTIMES[name] ?? [], "asks", gates, "auto", settings, how);
  pty = new Pty([...shell, ...command]);
  const [, application, custodian] = await pty.saw(/asking (\d+) (\d+)/);
  await pty.saw(/password: /);
  expect(isRaw(await pty.flags())).toBe(true);
  pty.type("half");
  return { pty, application: Number(application), custodian: Number(custodian) };
}

describe.skipIf(MISSING !== null).each(CHOSEN)(
  `${NOT_RUN}a terminal at which a custodian of %s asks`,
  (name) => {
    it.each(["SIGTERM", "SIGKILL"] as const)(
      "is restored when the custodian ends by %s",
      async (signal) => {
        const { pty, custodian } = await asking(name, SHELL);
        process.kill(custodian, signal);
        await pty.saw(/rejected ERR_LETHE_CUSTODIAN/);
        // While the application goes on: a runtime puts the terminal right when it ends.
        expect(isCooked(await pty.flags())).toBe(true);
      },
    );

    it.runIf(SOAK)("shows the question also where it controls no process", async () => {
      // The custodian's standard error is a pipe, and there is no /dev/tty.
      const { pty } = await asking(name, ["/usr/bin/setsid", "--wait"]);
      pty.type("\r");
      await pty.saw(new RegExp(`typed ${Buffer.from("half").toString("hex")}`));
    });

    it.runIf(SOAK)("is restored when the custodian has a fault", async () => {
      const settings = JSON.stringify({ command: faultyCommand(name, "uncaught") });
      const { pty, custodian } = await asking(name, SHELL, "", settings);
      process.kill(custodian, "SIGUSR2");
      await pty.saw(/rejected ERR_LETHE_CUSTODIAN/);
      expect(isCooked(await pty.flags())).toBe(true);
    });

    it.each([
      ["SIGTERM", "", 143],
      ["SIGUSR2", "throws", 1],
      ...(SOAK
        ? ([
            ["SIGHUP", "", 129],
            ["SIGUSR2", "exits", 7],
          ] as const)
        : []),
    ] as const)("is restored when the application ends by %s %s", async (signal, how, status) => {
      const { pty, application } = await asking(name, SHELL, how);
      process.kill(application, signal);
      await pty.saw(new RegExp(`status ${status}\\r`));
      expect(isCooked(await pty.flags())).toBe(true);
    });

    it("stays restored while the application takes long to end, and the custodian is woken", async () => {
      const { pty, application } = await asking(name, SHELL, "lingers");
      process.kill(application, "SIGUSR2");
      await pty.saw(/lingering/);
      while (!/status 7\r/.test(pty.text)) {
        expect(isCooked(await pty.flags())).toBe(true);
      }
    });

    it("is restored after the application was killed", async () => {
      const { pty, application } = await asking(name, SHELL);
      process.kill(application, "SIGKILL");
      await pty.saw(/status 137\r/);
      await expect.poll(async () => isCooked(await pty.flags()), PATIENCE).toBe(true);
    });

    it("is restored while they stand still, and raw again when they go on; timers tick meanwhile", async () => {
      const { pty, application, custodian } = await asking(name, JOBS);
      await pty.saw(/ticking/);
      pty.type("\x1a");
      await pty.saw(/stopped/);
      expect(isCooked(await pty.flags())).toBe(true);
      await expect
        .poll(() => [stateOf(application), stateOf(custodian)], PATIENCE)
        .toEqual(["T", "T"]);
      const at = pty.text.length;
      pty.type("\n");
      await pty.saw(/password: /, at);
      expect(isRaw(await pty.flags())).toBe(true);
      pty.type(" of it\r");
      await pty.saw(new RegExp(`typed ${Buffer.from("half of it").toString("hex")}`), at);
      await pty.saw(/ended 0\r/);
      expect(isCooked((await pty.ended).flags)).toBe(true);
    });
  },
);

function stateOf(pid: number): string {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1] ?? "";
}
