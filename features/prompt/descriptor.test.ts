import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Writable } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { openTerminals } from "../../adapters/node/prompt.ts";
import { derivedNeedle, expectNoResidue, scanProcess } from "../../conformance/mod.ts";
import { offHeapBytes } from "../../core/mod.ts";
import { ONE_EACH, ROOT, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";
import { password } from "../../testing/features/prompt/typed.ts";
import { openSource } from "./file_source.ts";

const PROGRAM = `${ROOT}testing/features/prompt/ask.ts`;
const NEEDLE = { label: "line", bytes: password("unicode") };
const WITNESS = derivedNeedle(7999, 64, "witness");
/** `npm run soak` takes every runtime. */
const CHOSEN = ONE_EACH.filter((name) => SOAK || name === "node-24");
const REST = "left for the next reader\n";

/** The line, with the line end of other systems. */
const LINE = Buffer.concat([NEEDLE.bytes, Buffer.from("\r\n")]);
const INPUT = Buffer.concat([LINE, Buffer.from(REST)]);

let child: ChildProcess | undefined;
let folder: string | undefined;
afterEach(() => {
  if (child?.pid !== undefined && child.exitCode === null) child.kill("SIGKILL");
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** A program that reads its line, and says where it is. */
class Reader {
  text = "";

  constructor(command: readonly string[], options: SpawnOptions) {
    const { NODE_OPTIONS: _, ...env } = process.env;
    child = spawn(command[0] ?? "", command.slice(1), { cwd: ROOT, env, ...options });
    child.stdout?.on("data", (text) => {
      this.text += text;
    });
  }

  async saw(pattern: RegExp): Promise<RegExpExecArray> {
    await expect.poll(() => this.text, { timeout: 50_000, interval: 10 }).toMatch(pattern);
    return pattern.exec(this.text) as RegExpExecArray;
  }
}

describe.skipIf(process.platform !== "linux").each(CHOSEN)("a line on %s", (name) => {
  const command = (descriptor: number, pause: number): readonly string[] => [
    ...(RUNTIMES[name] ?? []),
    ...[PROGRAM, "line", MEMORY[name] ?? "sodium", String(descriptor), String(pause)],
  ];

  it.runIf(SOAK)("from a pipe leaves no residue, and what follows it in the pipe", async () => {
    // What Node gives a child as a pipe is a socket; cat makes it one.
    const shell = ["/bin/sh", "-c", 'cat | "$@"', "sh", ...command(0, 5000)];
    const reader = new Reader(shell, { stdio: "pipe" });
    child?.stdin?.write(INPUT);
    const pid = Number((await reader.saw(/ready (\d+)/))[1]);
    await reader.saw(/held/);
    const live = scanProcess(pid, [NEEDLE, WITNESS]);
    if (live.outcome !== "scanned") throw new Error(live.reason);
    const found = live.findings.filter(({ needle }) => needle === NEEDLE.label);
    expect(found.map(({ encoding, protection }) => [encoding, protection])).toEqual([
      ["raw", "no-access"],
    ]);
    await reader.saw(/gone/);
    expectNoResidue({ pid, needle: NEEDLE, witness: WITNESS });
    expect(reader.text).toContain(`rest ${REST}`);
    process.kill(pid, "SIGKILL");
  });

  it("from sockets and from a file", async () => {
    const socket = new Reader(command(0, 0), { stdio: "pipe" });
    child?.stdin?.write(INPUT);
    await socket.saw(new RegExp(`held ${NEEDLE.bytes.length}[\\s\\S]*live 0`));

    const third = new Reader(command(3, 0), { stdio: ["ignore", "pipe", "inherit", "pipe"] });
    (child?.stdio[3] as Writable | undefined)?.write(LINE);
    await third.saw(/held[\s\S]*live 0/);

    folder = mkdtempSync(join(tmpdir(), "lethe-"));
    const path = join(folder, "line");
    writeFileSync(path, INPUT, { mode: 0o600 });
    const file = openSync(path, "r");
    const reader = new Reader(command(0, 0), { stdio: [file, "pipe", "inherit"] });
    await reader.saw(/held[\s\S]*live 0/);
    expect(reader.text).toContain(`rest ${REST}`);
    closeSync(file);
  });

  it("that cannot be read is refused with its cause", async () => {
    folder = mkdtempSync(join(tmpdir(), "lethe-"));
    const opened = [openSync(folder, "r"), openSync(join(folder, "written"), "w")];
    const causes = [/\(EISDIR\): it is a folder/, /\(EBADF\): it is open, but not for reading/];
    for (const [index, descriptor] of opened.entries()) {
      const stdio = ["ignore", "pipe", "inherit", descriptor] as const;
      const reader = new Reader(command(3, 0), { stdio: [...stdio] });
      const [said] = await reader.saw(/rejected .*\n[\s\S]*live 0/);
      expect(said).toMatch(/^rejected ERR_LETHE_UNAVAILABLE/);
      expect(said).toMatch(causes[index] as RegExp);
      closeSync(descriptor);
    }
    // The end of a pipe that is written to: there is never anything to read, and never an end.
    const shell = ["/bin/sh", "-c", '"$@" 3>&1 | cat', "sh", ...command(3, 0)];
    const writing = new Reader(shell, { stdio: ["ignore", "pipe", "inherit"] });
    await writing.saw(/rejected ERR_LETHE_UNAVAILABLE .*\(EBADF\): it is open, but not for/);
    const closed = new Reader(command(99, 0), { stdio: ["ignore", "pipe", "inherit"] });
    await closed.saw(
      /rejected ERR_LETHE_UNAVAILABLE .*99 cannot be read \(EBADF\): it is not open/,
    );
  });

  it("that is empty, too long, or no text is refused", async () => {
    const inputs: readonly (readonly [Buffer | string, string])[] = [
      ["", "ERR_LETHE_PROMPT_CLOSED"],
      ["\n", "ERR_LETHE_PROMPT_EMPTY"],
      ["x".repeat(257), "ERR_LETHE_PROMPT_TOO_LONG"],
      [Buffer.from([0x61, 0xff, 0x0a]), "ERR_LETHE_ENCODING"],
      [Buffer.from([0x61, 0x00, 0x0a]), "ERR_LETHE_ENCODING"],
    ];
    await Promise.all(
      inputs.map(async ([input, code]) => {
        const reader = new Reader(command(0, 0), { stdio: "pipe" });
        child?.stdin?.end(input);
        await reader.saw(new RegExp(`rejected ${code}[\\s\\S]*live 0`));
      }),
    );
  });
});

describe.skipIf(process.platform !== "linux")("a line whose reading fails", () => {
  it.each([
    ["node:fs", (descriptor: number) => openSource(descriptor, null)],
    ["what this Node has", (descriptor: number) => openTerminals().openSource(descriptor)],
  ] as const)("is refused by %s with the cause, and not taken for the whole", (_, open) => {
    folder = mkdtempSync(join(tmpdir(), "lethe-"));
    const path = join(folder, "line");
    writeFileSync(path, "half a line");
    const descriptor = openSync(path, "r");
    const source = open(descriptor);
    const bytes = offHeapBytes(4096);
    expect(source.read(bytes, 0)).toBe("byte");
    closeSync(descriptor);
    expect(() => source.read(bytes, 1)).toThrow(
      expect.objectContaining({
        code: "ERR_LETHE_UNAVAILABLE",
        message: expect.stringMatching(/cannot be read \(EBADF\)/),
      }),
    );
  });
});

/** Memory that can be looked into from outside. */
const MEMORY: Readonly<Record<string, string>> = { deno: "pages", bun: "pages" };
