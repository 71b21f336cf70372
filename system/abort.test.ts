import { existsSync } from "node:fs";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { program, RUNTIMES, run } from "../testing/memories/sodium/run.ts";
import { SOAK } from "../testing/tier.ts";

const LINE = "lethe: ERR_LETHE_CANARY: a line\n";
const names = Object.keys(RUNTIMES) as readonly (keyof typeof RUNTIMES)[];
const installed = names.filter((name) => existsSync(RUNTIMES[name][0] ?? ""));

describe.skipIf(process.platform === "win32")("abort", () => {
  it.each(installed)("is one line and SIGABRT on %s, whoever listens", async (name) => {
    for (const listener of ["deaf", "listens"]) {
      const result = await run([...RUNTIMES[name], program("abort"), listener]);
      expect(result).toMatchObject({ signal: "SIGABRT", stderr: LINE, stdout: "" });
    }
  });

  it.each(SOAK ? installed : installed.slice(0, 1))(
    "ends a process from its worker on %s",
    async (name) => {
      const deaf = await run([...RUNTIMES[name], program("abort"), "deaf", "worker"]);
      expect(deaf).toMatchObject({ signal: "SIGABRT", stderr: LINE, stdout: "" });
      const listens = await run([...RUNTIMES[name], program("abort"), "listens", "worker"]);
      expect(listens).toMatchObject({ signal: "SIGKILL", stderr: LINE });
    },
  );

  it("needs no permission of Deno", async ({ skip }) => {
    const [deno] = RUNTIMES.deno as readonly [string];
    if (!existsSync(deno)) skip("Deno is not installed");
    const command = [deno, "run", "--no-prompt", "--no-check", program("abort"), "deaf"];
    expect(await run(command)).toMatchObject({ signal: "SIGABRT", stderr: LINE });
  });
});
