import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expectNoResidue } from "../../conformance/mod.ts";
import { CLI_RUNTIMES, lethe, outcomeOf, plainEnvironment } from "../../testing/cli/lethe.ts";
import { SOAK } from "../../testing/features/prompt/pty.ts";

const WITNESS = { label: "witness", bytes: Buffer.from("the witness, 0815 of lethe run") };

let folder = "";
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-run-test-"));
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** A key whose bytes nothing else here holds. */
function keyFile(byteLength = 32): { readonly path: string; readonly bytes: Uint8Array } {
  const bytes = crypto.getRandomValues(new Uint8Array(new ArrayBuffer(byteLength)));
  const path = join(folder, "key");
  writeFileSync(path, bytes, { mode: 0o400 });
  return { path, bytes };
}

/** Starts a command that says "up PARENT OWN", and what it prints afterwards. */
async function started(command: readonly string[]): Promise<{
  readonly lethe: number;
  readonly command: number;
  /** Lets it go on. @returns all that it printed after the first line, and its status */
  finish(): Promise<readonly [Buffer, number | null]>;
}> {
  const [file = "", ...parameters] = command;
  const running = spawn(file, parameters, {
    env: plainEnvironment(),
    stdio: ["pipe", "pipe", "inherit"],
  });
  child = running;
  const pieces: Buffer[] = [];
  running.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  const said = (): Buffer => Buffer.concat(pieces);
  await expect.poll(() => said().includes("\n"), { timeout: 30_000 }).toBe(true);
  const first = said().indexOf("\n") + 1;
  const [, parent, own] = said().subarray(0, first).toString().split(" ").map(Number);
  return {
    lethe: parent ?? 0,
    command: own ?? 0,
    async finish() {
      const ended = new Promise<number | null>((resolve) => running.once("close", resolve));
      running.stdin.end("go on\n");
      const status = await ended;
      return [said().subarray(first), status];
    },
  };
}

const LATER = ["sh", "-c", 'echo "up $PPID $$"; read _; cat <&3; exit 5'];

describe.skipIf(process.platform !== "linux").each(CLI_RUNTIMES)("on %s, lethe run", (runtime) => {
  it("hands a socket over that no process can open, and that holds the bytes until they are read", async () => {
    const { path, bytes } = keyFile();
    const run = await started(lethe(runtime, "run", "--key", path, "--", ...LATER));
    for (const flags of ["r", "w", "r+"]) {
      expect(() => openSync(`/proc/${run.command}/fd/3`, flags)).toThrow("ENXIO");
    }
    const [read, status] = await run.finish();
    expect([read.equals(bytes), status]).toEqual([true, 5]);
  });

  it.skipIf(!SOAK)(
    "hands a file over that others may read and cannot empty, and that has no name",
    async () => {
      const { path, bytes } = keyFile();
      const read = [
        "sh",
        "-c",
        'echo "up $PPID $$"; read _; cat /dev/fd/3 - <&3 | cat - /dev/fd/3',
      ];
      const command = lethe(runtime, "run", "--as", "file", "--key", path, "--", ...read);
      const run = await started(command);
      const place = `/proc/${run.command}/fd/3`;
      expect(readFileSync(place).equals(bytes)).toBe(true);
      const [said] = await run.finish();
      expect(said.equals(Buffer.concat([bytes, bytes, bytes]))).toBe(true);
    },
  );

  it.skipIf(!SOAK).each([
    ["file", null],
    ["memfd", "EPERM"],
  ])("hands a %s over, and its owner who opens it for writing gets %s", async (form, code) => {
    const { path, bytes } = keyFile();
    const run = await started(lethe(runtime, "run", "--as", form, "--key", path, "--", ...LATER));
    const place = `/proc/${run.command}/fd/3`;
    expect(readFileSync(place).equals(bytes)).toBe(true);
    expect(statSync(place).mode & 0o7777).toBe(0o400);
    chmodSync(place, 0o600);
    const opened = openSync(place, "r+");
    const attempts = [
      () => writeSync(opened, "changed"),
      () => ftruncateSync(opened, 3),
      () => ftruncateSync(opened, 4000),
    ];
    const codes = attempts.map((attempt) => {
      try {
        attempt();
        return null;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    });
    closeSync(opened);
    expect(codes).toEqual([code, code, code]);
    const [read, status] = await run.finish();
    expect([read.equals(bytes), status]).toEqual([code !== null, 5]);
  });

  it.skipIf(!SOAK).each(["socket", "file", "memfd"])(
    "keeps nothing of a key that it handed over as a %s",
    async (form) => {
      const { path, bytes } = keyFile();
      const witness = new TextDecoder().decode(WITNESS.bytes);
      const command = lethe(runtime, "run", "--as", form, "--key", path, "--", ...LATER, witness);
      const run = await started(command);
      expectNoResidue({ pid: run.lethe, needle: { label: "key", bytes }, witness: WITNESS });
      const [read] = await run.finish();
      expect(read.equals(bytes)).toBe(true);
    },
  );

  it.skipIf(!SOAK).each([
    ["late", "sleep 0.3; cat <&3; exit 5", 65_536],
    ["in part", "head -c 7 <&3; exit 5", 7],
    ["not at all", "exec 3<&-; sleep 0.2; exit 5", 0],
    ["when it has ended already", "exit 5", 0],
  ])("minds no command that reads %s", (_, script, count) => {
    const { path, bytes } = keyFile(65_536);
    const words = lethe(runtime, "run", "--as-is", "--key", path, "--", "bash", "-c", script);
    const [file = "", ...parameters] = words;
    const options = { env: plainEnvironment(), timeout: 60_000 };
    const { status, stdout, stderr } = spawnSync(file, parameters, options);
    expect([status, stderr.toString()]).toEqual([5, ""]);
    expect(stdout.equals(bytes.subarray(0, count))).toBe(true);
  });

  it("starts nothing that it finds on PATH, and needs no temporary folder", () => {
    const { path } = keyFile();
    const planted = join(folder, "bin");
    mkdirSync(planted);
    const log = join(folder, "log");
    for (const name of HELPERS) {
      const file = join(planted, name);
      writeFileSync(file, `#!/bin/dash\necho "${name} $*" >> ${log}\nexec /usr/bin/${name} "$@"\n`);
      chmodSync(file, 0o755);
    }
    const options = ["run", "--key", path, "--prompt", "word"];
    const { status, stdout, stderr } = outcomeOf(
      ["setsid", "-w", ...lethe(runtime, ...options, "--", "/usr/bin/cat")],
      {
        input: "typed\nthe rest\n",
        env: plainEnvironment({
          PATH: `${planted}:${process.env["PATH"]}`,
          TMPDIR: "/nonexistent",
        }),
      },
    );
    expect([status, stdout, stderr]).toEqual([0, "the rest\n", ""]);
    expect(() => readFileSync(log, "utf8")).toThrow("ENOENT");
  });
});

const HELPERS = ["stty", "mkfifo", "prlimit", "setpriv", "sh", "cat", "env", "node", "bun", "deno"];
