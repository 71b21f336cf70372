import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { openEnvelopes } from "../../features/envelopes/mod.ts";
import { CLI_RUNTIMES, lethe, plainEnvironment } from "../../testing/cli/lethe.ts";
import { SOAK } from "../../testing/tier.ts";

const folder = mkdtempSync(join(tmpdir(), "lethe-envelope-target-"));
afterAll(() => rmSync(folder, { recursive: true }));

const message = Buffer.alloc(300_000, "a message ");
let recipient = "";

beforeAll(async () => {
  const secrets = openSecrets();
  const envelopes = openEnvelopes(secrets);
  const identity = envelopes.createIdentity();
  recipient = identity.recipient;
  envelopes.formatIdentity(identity).expose((text) => write("identity", text));
  write("plain", message);
  write("age", await envelopes.seal(message, [envelopes.parseRecipient(recipient)]));
  secrets[Symbol.dispose]();
});

function write(name: string, bytes: Uint8Array): void {
  writeFileSync(join(folder, name), bytes, { mode: 0o600 });
}

/** What is there besides: OUT, or the name under which it is written. */
function left(): readonly string[] {
  return readdirSync(folder).filter((name) => !["identity", "plain", "age"].includes(name));
}

/** Makes a pipe of a socket. */
const PIPE = 'exec "$@" 3<&0 < <(cat <&3)';

/** Gives `lethe` the first half of a file, and waits until it has written a part of OUT. */
async function halfway(
  runtime: string,
  through: string,
  parameters: readonly string[],
  file: string,
): Promise<ChildProcess> {
  const command = [
    ...(through === "" ? [] : ["bash", "-c", through, "-"]),
    ...lethe(runtime, "envelope", ...parameters),
  ];
  const [program = "", ...words] = command;
  const child = spawn(program, words, {
    cwd: folder,
    env: plainEnvironment(),
    detached: true, // no terminal
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.stdin?.on("error", () => undefined); // it ended with something unread
  child.stdin?.write(readFileSync(join(folder, file)).subarray(0, 200_000));
  for (let tries = 0; left().length === 0 && tries < 600; tries++) await wait(50);
  return child;
}

/** The signal by which it ended. */
async function endOf(child: ChildProcess): Promise<NodeJS.Signals | null> {
  const [, signal] = await once(child, "exit");
  child.stdin?.destroy();
  return signal as NodeJS.Signals | null;
}

describe.skipIf(process.platform !== "linux").each(CLI_RUNTIMES)(
  "what lethe envelope writes on %s",
  (runtime) => {
    const open = ["open", "-", "out", "--identity", "identity"];

    it.each(SOAK ? (["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const) : (["SIGTERM"] as const))(
      "%s leaves neither a part of it nor another file",
      async (signal) => {
        // A socket, as Node gives a child for its input: what is read of it is ciphertext.
        for (const through of SOAK ? ["", PIPE] : [""]) {
          const child = await halfway(runtime, through, open, "age");
          expect(left()).toEqual([expect.stringMatching(/^\.lethe-[0-9a-f]{16}$/)]);
          const ended = endOf(child);
          child.kill(signal);
          expect(await ended).toBe(signal);
          expect(left()).toEqual([]);
        }
      },
    );

    it.runIf(SOAK)("SIGTERM leaves no part of what is sealed from a pipe", async () => {
      const child = await halfway(runtime, PIPE, ["seal", "-", "out", "--to", recipient], "plain");
      const ended = endOf(child);
      child.kill("SIGTERM");
      await ended;
      expect(left()).toEqual([]);
    });

    it.runIf(SOAK)("SIGKILL leaves the part under a name that says whose it is", async () => {
      const child = await halfway(runtime, "", open, "age");
      const ended = endOf(child);
      child.kill("SIGKILL");
      await ended;
      const names = left();
      expect(names).toEqual([expect.stringMatching(/^\.lethe-/)]);
      rmSync(join(folder, names[0] as string));
    });

    it.runIf(SOAK)("is removed when there is no room for it", () => {
      const command = lethe(runtime, "envelope", "open", "age", "out", "--identity", "identity");
      const script = `trap '' XFSZ; ulimit -f 100; exec ${command.join(" ")}`;
      const options = { cwd: folder, env: plainEnvironment(), encoding: "utf8" } as const;
      const { status, stdout, stderr } = spawnSync("bash", ["-c", script], options);
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^lethe envelope: Cannot write "out": .*ulimit -f \(EFBIG\)\n$/);
      expect(left()).toEqual([]);
    });

    it.runIf(SOAK)("gets its name without hard links, too, and replaces nothing", (context) => {
      if (spawnSync("strace", ["-V"]).status !== 0) context.skip("strace is not installed");
      const run = (code = "EPERM"): number | null => {
        const without = `strace -f -qq -o /dev/null -e inject=link,linkat:error=${code} --`.split(
          " ",
        );
        const words = lethe(runtime, "envelope", "open", "age", "out", "--identity", "identity");
        const [program = "", ...rest] = [...without, ...words];
        return spawnSync(program, rest, { cwd: folder, env: plainEnvironment() }).status;
      };
      expect(run()).toBe(0);
      expect(left()).toEqual(["out"]);
      expect(readFileSync(join(folder, "out")).equals(message)).toBe(true);
      write("out", Buffer.from("theirs"));
      expect(run()).toBe(2);
      expect(left()).toEqual(["out"]);
      expect(readFileSync(join(folder, "out"), "utf8")).toBe("theirs");
      rmSync(join(folder, "out"));
      expect(run("EACCES")).toBe(0); // as SELinux and AppArmor answer
      expect(left()).toEqual(["out"]);
      rmSync(join(folder, "out"));
    });
  },
);

it.skipIf(process.platform === "win32")(
  "a signal leaves no part of what is written in one go, such as an identity",
  () => {
    const target = JSON.stringify(new URL("./target.ts", import.meta.url));
    const out = JSON.stringify(join(folder, "whole"));
    const program = `import { writeWhole } from ${target};
      writeWhole(${out}, (write) => {
        write(Buffer.from("a "));
        process.kill(process.pid, "SIGINT");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
        write(Buffer.from("key"));
      });`;
    spawnSync(process.execPath, ["--input-type=module", "-e", program]);
    expect(left()).toEqual(["whole"]);
    expect(readFileSync(join(folder, "whole"), "utf8")).toBe("a key");
    rmSync(join(folder, "whole"));
  },
);
