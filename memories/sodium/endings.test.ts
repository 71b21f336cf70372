import { existsSync } from "node:fs";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { program, RUNTIMES, run } from "../../testing/memories/sodium/run.ts";
import { SOAK } from "../../testing/tier.ts";

const LINUX = process.platform === "linux";
const ROOT_USER = process.getuid?.() === 0;
const names = Object.keys(RUNTIMES) as readonly (keyof typeof RUNTIMES)[];
const installed = names.filter((name) => existsSync(RUNTIMES[name][0] ?? ""));

/** Bun catches the signal to print a report, and ends with another one. */
const FATAL: readonly (string | null)[] = ["SIGSEGV", "SIGBUS", "SIGTRAP", "SIGILL"];

describe.skipIf(!LINUX)("traps", () => {
  it.each(SOAK ? installed : ["node" as const])("end %s", async (name) => {
    const deeds = [
      ["read", "guarded"],
      ["write", "guarded"],
      ["write", "exposed"],
    ] as const;
    for (const deed of deeds) {
      const { signal, stdout } = await run([...RUNTIMES[name], program("trap"), ...deed]);
      expect(stdout).toBe("before\n");
      expect(FATAL).toContain(signal);
    }
    const exposed = await run([...RUNTIMES[name], program("trap"), "read", "exposed"]);
    expect([exposed.signal, exposed.stdout]).toEqual([null, "before\n165\nsurvived\n"]);
  });
});

describe.skipIf(!LINUX)("the end of the process", () => {
  it.each(SOAK ? installed : ["node" as const])(
    "is what it would have been, with secrets live on %s",
    async (name) => {
      const ways = ["exit", "scope", "timer", "snapshot"];
      const ends = await Promise.all(
        ways.map(async (way) => await run([...RUNTIMES[name], program("leave"), way])),
      );
      expect(ends).toEqual(ways.map(() => ({ code: 7, signal: null, stdout: "", stderr: "" })));
    },
  );

  it.each(SOAK ? installed : [])(
    "of a thread gives its pages back, and only those, on %s",
    async (name) => {
      const { stdout, stderr } = await run([...RUNTIMES[name], program("worker")]);
      const { locked, ownLocked, alive, grown } = JSON.parse(stdout || `"${stderr}"`);
      expect(alive).toBe(true);
      expect(grown).toBeLessThan(4 * 600);
      if (ROOT_USER) expect([...locked, ownLocked]).toEqual([300, 300, 300, 300 * 32]);
    },
  );
});

describe.skipIf(!LINUX)("destroy and purge", () => {
  // Deno's randomFill looks at the view again afterwards, and complains of the detached one itself.
  const writers = installed.filter((name) => name !== "deno");

  it.each(writers)("spare a native call that still writes, on %s", async (name) => {
    const { signal, stdout, stderr } = await run([...RUNTIMES[name], program("in_use")]);
    expect([signal, stdout, stderr]).toEqual([null, "0 live\n", ""]);
  });
});
