import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openKeyFiles, openSecrets } from "../../adapters/node/mod.ts";
import { EVERY_RUNTIME, program, RUNTIMES } from "../../testing/features/key_files/children.ts";
import { CHEAP } from "../../testing/features/key_files/entry.ts";
import { SOAK } from "../../testing/tier.ts";

const WORKER = program("rotate_worker");
let directory = "";
const key = (): string => join(directory, "key");

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lethe-writers-"));
  writeFileSync(key(), crypto.getRandomValues(new Uint8Array(32)), { mode: 0o400 });
  writeFileSync(`${directory}.log`, "");
});
afterEach(() => {
  rmSync(directory, { recursive: true });
  rmSync(`${directory}.log`);
});

interface Writer {
  readonly child: ChildProcess;
  readonly name: string;
  readonly ended: Promise<string>;
}

/** Starts a writer; its end is its complaints, or the signal that ended it. */
function start(name: string, count: number, keep: boolean): Writer {
  const kinds = Object.values(SOAK ? EVERY_RUNTIME : RUNTIMES);
  const [file = "", ...flags] = kinds[Number(name) % kinds.length] ?? [];
  const parameters = [WORKER, directory, name, String(count), ...(keep ? ["keep"] : [])];
  const child = spawn(file, [...flags, ...parameters], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaints = "";
  child.stderr?.on("data", (text) => {
    complaints += text;
  });
  const ended = new Promise<string>((resolve) => {
    child.on("close", (_, signal) => resolve(signal ?? complaints));
  });
  return { child, name, ended };
}

/** What all writers were told. */
function told(): {
  readonly currents: readonly string[];
  readonly previous: ReadonlySet<string>;
  readonly lines: readonly (readonly string[])[];
} {
  const lines = readFileSync(`${directory}.log`, "utf8").trim().split("\n");
  const rotations = lines
    .filter((line) => !line.startsWith("begin"))
    .map((line) => line.split(" "));
  return {
    currents: rotations.map(([, current = ""]) => current),
    previous: new Set(rotations.map(([previous = ""]) => previous)),
    lines: lines.map((line) => line.split(" ")),
  };
}

/** Keys that somebody was told are current, and that are neither in a file nor told as replaced. */
function lost(): readonly string[] {
  const { currents, previous } = told();
  const files = readdirSync(directory).filter((name) => name.startsWith("key"));
  const there = new Set(files.map((name) => readFileSync(join(directory, name)).toString("hex")));
  return currents.filter((current) => !previous.has(current) && !there.has(current));
}

describe.skipIf(process.platform !== "linux")("writers of one key file at once", () => {
  it("follow each other: each replaces what the one before was told", async () => {
    const [writers, count] = SOAK ? [8, 60] : [3, 8];
    const all = Array.from({ length: writers }, (_, name) => start(String(name), count, false));
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual(all.map(() => ""));
    const { currents, previous } = told();
    expect([currents.length, previous.size]).toEqual([writers * count, writers * count]);
    expect(lost()).toEqual([]);
    expect(readdirSync(directory)).toEqual(["key"]);
  });

  it.skipIf(!SOAK)(
    "follow each other as threads, which share no lock but that of the file",
    async () => {
      const [threads, count] = SOAK ? [6, 20] : [2, 5];
      const ends = Array.from({ length: threads }, async (_, name) => {
        const worker = new Worker(WORKER, {
          argv: [directory, `${name}`, `${count}`],
          stderr: true,
        });
        return await new Promise((resolve) => worker.on("exit", resolve));
      });
      expect(await Promise.all(ends)).toEqual(ends.map(() => 0));
      expect(told().currents).toHaveLength(threads * count);
      expect(lost()).toEqual([]);
      expect(readdirSync(directory)).toEqual(["key"]);
    },
  );

  it.skipIf(!SOAK)("wait for one that computes, also when it is slow", async () => {
    const secrets = openSecrets();
    const keys = openKeyFiles(secrets, { onMisuse: "throw", cost: CHEAP });
    const passphrase = secrets.move(new TextEncoder().encode("pass"));
    keys.seal(key(), 32, { passphrase });
    const before = keys.read(key(), 32, { passphrase });
    const code = `
      import { openKeyFiles, openSecrets } from ${JSON.stringify(new URL("../../adapters/node/mod.ts", import.meta.url).href)};
      const secrets = openSecrets();
      const passphrase = secrets.move(new TextEncoder().encode("pass"));
      const cost = { passes: 3, memoryBytes: 64 * 2 ** 20 };
      console.log("go");
      openKeyFiles(secrets, { onMisuse: "throw" }).rotate(${JSON.stringify(key())}, 32, { passphrase, cost });
    `;
    const slow = spawn(process.execPath, ["--input-type=module", "-e", code]);
    await new Promise((resolve) => slow.stdout.once("data", resolve));
    const ended = new Promise((resolve) => slow.once("close", resolve));
    // Whoever comes first, nobody replaces a key that another one has just been given.
    const { previous, current } = keys.rotate(key(), 32, { passphrase });
    const first = previous.equals(before);
    expect(await ended).toBe(0);
    expect(keys.read(key(), 32, { passphrase }).equals(current)).toBe(!first);
    expect(readdirSync(directory)).toEqual(["key"]);
    secrets[Symbol.dispose]();
  });

  it.skipIf(!SOAK).each([false, true])(
    "killed at random, keepPrevious %s: no key is lost, and nothing that is left keeps the next one off",
    { timeout: 600_000 },
    async (keep) => {
      const [writers, kills] = [8, 150];
      let names = 0;
      const running = new Map<string, Writer>();
      const launch = (): void => {
        const writer = start(String(names++), 1_000_000, keep);
        running.set(writer.name, writer);
      };
      for (let count = 0; count < writers; count++) launch();
      for (let count = 0; count < kills; count++) {
        await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 250));
        const victims = [...running.values()];
        const victim = victims[Math.floor(Math.random() * victims.length)] as Writer;
        victim.child.kill("SIGKILL");
        expect(await victim.ended).toBe("SIGKILL");
        running.delete(victim.name);
        launch();
      }
      for (const { child } of running.values()) child.kill("SIGKILL");
      for (const { ended } of running.values()) expect(await ended).toBe("SIGKILL");
      // One after all of them, at once.
      const last = start(String(names), 3, keep);
      expect(await last.ended).toBe("");

      const { currents, lines } = told();
      const open = new Set<string>();
      for (const [first, second, third] of lines) {
        if (first === "begin") open.add(second ?? "");
        else open.delete(third ?? "");
      }
      const gone = lost();
      process.stdout.write(
        `${JSON.stringify({ keep, rotations: currents.length, killed: open.size, gone: gone.length })}\n`,
      );
      expect(currents.length).toBeGreaterThan(200);
      // With keepPrevious none at all. Without it the old key goes with the rotation: what a writer
      // that was killed just then had replaced on its caller's order.
      expect(gone.length).toBeLessThanOrEqual(keep ? 0 : open.size);
      const left = readdirSync(directory).filter(
        (name) => !/^key(?:\.replaced-\w{16}|\.kept-[\w-]{36})?$/.test(name),
      );
      expect(left).toEqual([]);
    },
  );
});
