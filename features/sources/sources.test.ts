import { chmodSync, closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import {
  openDescriptorSource,
  openEnvironmentSource,
  openExecSource,
  readSecret,
} from "../../adapters/node/mod.ts";
import { read } from "../../testing/core/samples.ts";
import { SourceStage } from "../../testing/features/sources/source_stage.ts";
import { ProgramRun } from "../programs/mod.ts";

const stage = new SourceStage();
const { secrets, land, folder, write, outcome } = stage;
afterAll(() => stage.remove());
afterEach(() => expect(secrets.stats.live).toBe(0));

describe("a program", () => {
  const shell = (text: string): string => `exec:${JSON.stringify(["/bin/sh", "-c", text])}`;
  /** What sleeps for the tests of this process. */
  const running = (): readonly string[] =>
    readdirSync("/proc").filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
        return words.some((word) => /^6[0-2]\./.test(word) && word.endsWith(`.${process.pid}`));
      } catch {
        return false;
      }
    });

  it("gives what it prints, when it ends well", async () => {
    expect(await outcome("exec:/bin/echo a b")).toBe("a b");
    expect(await outcome(shell("printf '%s' 'a  b'"))).toBe("a  b");
    expect(await outcome(shell("echo a; exit 3"))).toBe("ERR_LETHE_SOURCE_FAILED");
    expect(await outcome(shell("echo a; kill -9 $$"))).toBe("ERR_LETHE_SOURCE_FAILED");
    expect(await outcome("exec:/bin/true")).toBe("ERR_LETHE_SOURCE_EMPTY");
    expect(await outcome(`exec:${folder}/none`)).toBe("ERR_LETHE_SOURCE_MISSING");
  });

  it("is ended with all that it started when it takes too long, or is given up", async () => {
    const slow = shell(`echo a; sleep 60.${process.pid} & sleep 61.${process.pid}`);
    expect(await outcome(slow, { timeout: 200 })).toBe("ERR_LETHE_SOURCE_TIMEOUT");
    const pending = readSecret(secrets, slow, { signal: AbortSignal.timeout(100) });
    await expect(pending).rejects.toThrow("timeout");
    await expect.poll(running).toEqual([]); // a process that was killed takes a moment to end
  });

  it("is ended so too when its output has ended and it has not, within one time for both", async () => {
    const lingering = (text: string): string => shell(`${text}; exec >&-; sleep 62.${process.pid}`);
    const pending = readSecret(secrets, lingering("echo a"), { signal: AbortSignal.timeout(300) });
    await expect(pending).rejects.toThrow("timeout");
    const waits = vi.spyOn(ProgramRun.prototype, "endedWithin");
    const late = await outcome(lingering("sleep 0.5; echo a"), { timeout: 1000 });
    expect(late).toBe("ERR_LETHE_SOURCE_TIMEOUT");
    for (const [left] of waits.mock.calls) expect(left).toBeLessThan(501);
    waits.mockRestore();
    await expect.poll(running).toEqual([]);
  });

  it("gets no variable of this process but the usual ones, and no PATH of its", async () => {
    process.env["LETHE_TEST_LEAK"] = "leaked";
    try {
      const lines = (await outcome("exec:/usr/bin/env")).split("\n");
      expect(lines.some((line) => line.startsWith("LETHE_TEST_LEAK"))).toBe(false);
      expect(lines.find((line) => line.startsWith("PATH="))).toMatch(/^PATH=\/usr\/local\/bin:/);
      const source = openExecSource({ environment: { CHOSEN: "1" }, newline: "strip" });
      const record = await source.read("/usr/bin/printenv CHOSEN", { land });
      expect([...read(record.field())]).toEqual([49]);
      record.destroy();
    } finally {
      delete process.env["LETHE_TEST_LEAK"];
    }
  });

  it("is started by an absolute path of a file that others cannot change, and by no shell", async () => {
    expect(await outcome("exec:echo a")).toBe("TypeError");
    expect(await outcome('exec:["/bin/echo", 1]')).toBe("TypeError");
    expect(await outcome("exec:[")).toBe("TypeError");
    expect(await outcome("exec:/bin/echo $HOME;id")).toBe("$HOME;id");
    const path = write("program", "#!/bin/sh\necho a\n", 0o755);
    expect(await outcome(`exec:${path}`)).toBe("a");
    chmodSync(path, 0o777);
    expect(await outcome(`exec:${path}`)).toBe("ERR_LETHE_SOURCE_UNTRUSTED");
    const unstartable = write("unstartable", "#!/there/is/none\n", 0o755);
    await expect(readSecret(secrets, `exec:${unstartable}`)).rejects.toThrow(
      /it did not start \(ENOENT\)/,
    );
  });

  it("says nothing of what was printed, nor of the parameters, when it fails", async () => {
    const failing = readSecret(secrets, shell("echo hunter2; echo hunter2 >&2; exit 1 # hunter3"));
    await expect(failing).rejects.toThrow(
      /^Cannot read secret from exec "\/bin\/sh": it ended with status 1; [^h]*/,
    );
    await expect(failing).rejects.not.toThrow(/hunter/);
  });
});

describe("a variable", () => {
  it("that the program has set since is the one that is taken, and only once", async () => {
    const name = "LETHE_TEST_SET";
    process.env[name] = "of the program\n";
    const source = openEnvironmentSource({ newline: "strip" });
    const record = await source.read(name, { land });
    expect(Buffer.from(read(record.field())).toString()).toBe("of the program");
    record.destroy();
    expect(name in process.env).toBe(false);
    expect(await outcome(`env:${name}`)).toBe("ERR_LETHE_SOURCE_MISSING");
    // process.env has the methods of every object.
    expect(await outcome("env:toString")).toBe("ERR_LETHE_SOURCE_MISSING");
    expect(source.residue.join()).toMatch(
      /read it before.*worker thread.*this program has set it/s,
    );
  });
});

describe("a descriptor", () => {
  it("is read to its end, once", async () => {
    const file = openSync(write("descriptor", "a\n"), "r");
    const source = openDescriptorSource({ newline: "strip" });
    const record = await source.read(`${file}`, { land });
    expect([...read(record.field())]).toEqual([97]);
    record.destroy();
    expect(await outcome(`fd:${file}`)).toBe("ERR_LETHE_SOURCE_EMPTY");
    closeSync(file);
    expect(await outcome("fd:999999")).toBe("ERR_LETHE_SOURCE_MISSING");
    expect(await outcome("fd:x")).toBe("TypeError");
  });
});

describe("a reference", () => {
  it("of another form is refused, and not quoted", async () => {
    for (const reference of ["hunter2", "file:", "FILE:/x", "http://hunter2", "", 1, null]) {
      const reading = readSecret(secrets, reference as string);
      await expect(reading).rejects.toThrow(TypeError);
      await expect(reading).rejects.not.toThrow(/hunter/);
    }
    await expect(readSecret(secrets, "env:X", { trust: "strict" })).rejects.toThrow(TypeError);
    await expect(readSecret(secrets, "env:X", { newLine: "keep" } as never)).rejects.toThrow(
      /no option newLine/,
    );
  });
});
