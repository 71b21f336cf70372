import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { program, type Result, ROOT, RUNTIMES, run } from "../../testing/memories/sodium/run.ts";
import { SOAK } from "../../testing/tier.ts";

const [DENO] = RUNTIMES.deno as readonly [string];

/** Runs on a terminal, where Deno would ask; the answer is never given. */
async function onTerminal(...flags: readonly string[]): Promise<Result> {
  const command = [DENO, "run", "--no-check", ...flags, program("open")].join(" ");
  return await run(["timeout", "30", "script", "-qec", command, "/dev/null"]);
}

describe.skipIf(!existsSync(DENO) || !existsSync("/usr/bin/script"))("Deno", () => {
  it.each([
    [[], "--allow-ffi and --allow-read"],
    [["--allow-read"], "--allow-ffi"],
  ])("with %j takes heap, says what is missing, and asks nothing", async (flags, missing) => {
    const { code, stdout } = await onTerminal(...flags);
    const { memory, passedOver } = JSON.parse(stdout);
    expect([code, memory]).toEqual([0, "heap"]);
    const sodium = passedOver.find((passed: { memory: string }) => passed.memory === "sodium");
    expect(sodium.reason).toBe(`Cannot open sodium memory: it needs ${missing}`);
  });

  it("with --allow-ffi alone takes pages of the kernel's, and asks nothing", async () => {
    const { code, stdout } = await onTerminal("--allow-ffi");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      memory: expect.stringMatching(/^(secretmem|pages)$/),
      locked: { verified: true },
    });
  });

  it("with --allow-ffi --allow-read asks nothing for /proc, and claims nothing of it", async () => {
    const { code, stdout } = await onTerminal("--allow-ffi", "--allow-read");
    expect(code).toBe(0);
    const { memory, locked } = JSON.parse(stdout);
    expect(["sodium", "pages", "secretmem"]).toContain(memory);
    if (memory === "sodium")
      expect(locked).toMatchObject({ level: "best-effort", verified: false });
  });

  it.runIf(SOAK)("with --allow-all has the lock attested", async () => {
    const { stdout } = await onTerminal("--allow-all");
    expect(JSON.parse(stdout).locked).toMatchObject({ verified: true });
  });

  it.runIf(SOAK)(
    "that loaded Lethe over the network finds no sodium-native, and says why",
    async () => {
      const server = createServer(async (request, response) => {
        response.setHeader("content-type", "application/typescript");
        response.end(await readFile(`${ROOT}${request.url?.slice(1)}`));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        const { port } = server.address() as AddressInfo;
        const url = `http://127.0.0.1:${port}/testing/memories/sodium/open.ts`;
        const { stdout, stderr } = await run([
          ...RUNTIMES.deno,
          `--reload=http://127.0.0.1:${port}`,
          url,
        ]);
        const { passedOver } = JSON.parse(stdout || `"${stderr}"`);
        const sodium = passedOver.find((passed: { memory: string }) => passed.memory === "sodium");
        if (sodium !== undefined) expect(sodium.reason).toContain("was not loaded from a file");
      } finally {
        server.close();
      }
    },
  );
});
