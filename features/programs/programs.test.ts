import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Writable } from "node:stream";
import { afterAll, describe, expect, it, vi } from "vitest";
import { offHeapBytes } from "../../core/mod.ts";
import { pause } from "../../system/timers.ts";
import { HANDLE_PIPES, ProgramRun, usualEnvironment } from "./mod.ts";

const folder = mkdtempSync(join(tmpdir(), "lethe-programs-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(process.platform === "win32")("the pipes of Node", () => {
  it("INPUT-1: what is written goes to the descriptor, and not through the stream", async () => {
    const [input, output] = [HANDLE_PIPES.openInput(), HANDLE_PIPES.openOutput()];
    const child = spawn("/bin/cat", { stdio: [input.stdio, output.stdio, "ignore"] });
    input.started(child);
    output.started(child);
    const { stdin } = child as unknown as { readonly stdin: Writable };
    stdin.write = () => {
      throw new Error("the stream was written to");
    };
    expect(input.write(offHeapBytes(300).fill(7))).toBe(300);
    expect(stdin.writableLength).toBe(0);
    input.close();
    await once(child, "exit");
    const page = offHeapBytes(301);
    let length = 0;
    while (output.read(page, length) === "byte") length += 1;
    expect(page.subarray(0, length)).toEqual(offHeapBytes(300).fill(7));
    output.close();
  });

  it("INPUT-2: a program that does not read is not waited for", async () => {
    const [input, output] = [HANDLE_PIPES.openInput(), HANDLE_PIPES.openOutput()];
    const child = spawn("/bin/sleep", ["60"], { stdio: [input.stdio, output.stdio, "ignore"] });
    input.started(child);
    output.started(child);
    const bytes = offHeapBytes(1 << 20);
    let taken = 0;
    for (let count = 1; count > 0; taken += count) count = input.write(bytes);
    expect(taken).toBeGreaterThan(4096);
    expect(taken).toBeLessThan(1 << 22);
    expect(output.read(bytes, 0)).toBe("nothing");
    child.kill("SIGKILL");
    await once(child, "exit");
    input.close();
    output.close();
  });

  it("are those of the program, also when others have the number of a descriptor by now", async () => {
    const [input, output] = [HANDLE_PIPES.openInput(), HANDLE_PIPES.openOutput()];
    const child = spawn("/bin/echo", ["said"], { stdio: [input.stdio, output.stdio, "ignore"] });
    const handle = (child.stdin as unknown as { _handle: { fd: number } })._handle;
    const { fd } = handle;
    input.started(child);
    output.started(child);
    await once(child, "exit");
    // The lowest free number is the next one that is given.
    const files: number[] = [];
    do files.push(openSync(join(folder, `file-${files.length}`), "w+"));
    while (!files.includes(fd) && files.length < 50);
    expect(files).toContain(fd);
    expect(() => input.write(new Uint8Array(Buffer.from("a secret")))).toThrow(
      /no longer reads its input/,
    );
    for (const at of files.keys()) {
      expect(readFileSync(join(folder, `file-${at}`)).length).toBe(0);
      closeSync(files[at] as number);
    }
    const bytes = new Uint8Array(8);
    const outcomes = [...bytes.keys()].map((at) => output.read(bytes, at));
    expect(Buffer.from(bytes).toString()).toBe("said\n\0\0\0");
    expect(outcomes.slice(4, 6)).toEqual(["byte", "end"]);
    input.close();
    output.close();
    expect(output.read(bytes, 0)).toBe("end");
  });

  it("are at their end where the program did not start", async () => {
    const path = join(folder, "unstartable");
    writeFileSync(path, "#!/there/is/none\n", { mode: 0o755 });
    const [input, output] = [HANDLE_PIPES.openInput(), HANDLE_PIPES.openOutput()];
    const child = spawn(path, [], { stdio: [input.stdio, output.stdio, "ignore"] });
    const failure = once(child, "error").catch((error) => [error]);
    input.started(child);
    output.started(child);
    expect(output.read(new Uint8Array(1), 0)).toBe("end");
    expect(() => input.write(new Uint8Array(1))).toThrow(/no longer reads/);
    expect(await failure).toMatchObject([{ code: "ENOENT" }]);
  });
});

describe("the environment of a program", () => {
  it("has the usual variables and the folders that were named, and nothing else", () => {
    process.env["LETHE_TEST_OTHER"] = "other";
    const { PATH, ...rest } = usualEnvironment("/usr/bin:/bin");
    delete process.env["LETHE_TEST_OTHER"];
    expect(PATH).toBe("/usr/bin:/bin");
    expect(Object.keys(rest)).not.toContain("LETHE_TEST_OTHER");
    // Node gives its own where the name is missing.
    expect(Object.entries(rest)).toContainEqual(["NODE_V8_COVERAGE", undefined]);
  });
});

/** Whether a process is in the group. */
function isThere(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}

describe.skipIf(process.platform !== "linux")("the end of a program", () => {
  it.each([
    ["ends its group, in which something runs on", "sleep 9 & exit 0", true],
    ["spares a number whose group was left by all", "setsid sleep 1 & exit 0", false],
  ])("%s", async (_name, script, isEnded) => {
    const child = spawn("/bin/sh", ["-c", script], { detached: true, stdio: "ignore" });
    const pid = child.pid as number;
    const run = new ProgramRun(child, []);
    await once(child, "exit");
    if (!isEnded) {
      await expect.poll(() => isThere(pid)).toBe(false);
      await pause(50); // as long as nobody could get its number
    }
    const kill = vi.spyOn(process, "kill");
    run.end();
    expect(kill.mock.calls).toEqual(isEnded ? [[-pid, "SIGKILL"]] : []);
    kill.mockRestore();
  });

  it("is looked after no longer once it was ended", async () => {
    const child = spawn("/bin/sh", ["-c", "sleep 9; exit 0"], { detached: true, stdio: "ignore" });
    const run = new ProgramRun(child, []);
    await once(child, "spawn");
    run.end();
    const kill = vi.spyOn(process, "kill");
    await once(child, "exit");
    await pause(20);
    expect(kill).not.toHaveBeenCalled();
    kill.mockRestore();
  });
});
