import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plainEnvironment } from "../../testing/cli/lethe.ts";
import {
  INSTALLED,
  MISSING,
  NOT_RUN,
  ROOT,
  RUNTIMES,
  SOAK,
} from "../../testing/features/prompt/pty.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-end-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Quick the first time; later it says that it has begun, and takes its time before its output or after that. */
const SECRET = (seconds: number, name: string): string => {
  const file = `${folder}/${name}`;
  const output = name.endsWith("closed") ? "echo secret; exec >&-;" : "";
  return `if [ -e ${file} ]; then echo $$ > ${file}.began; ${output} sleep ${seconds}; fi; : > ${file}; echo secret`;
};

/** A program over such a secret, once a poll has begun that nobody waits for. */
function run(runtime: string, name: string, seconds: number, then: string): Outcome {
  const door = (of: string): string =>
    `${ROOT}adapters/${runtime.replace(/-.*/, "")}/doors/${of}.ts`;
  const command = JSON.stringify(["/bin/sh", "-c", SECRET(seconds, name)]);
  const file = join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `import { existsSync, readFileSync } from "node:fs";
import { openSecrets } from "${door("main")}";
import { rotating } from "${door("rotation")}";
import { openExecSource } from "${door("sources")}";
const secrets = openSecrets({ memory: "heap" });
const options = { pollEvery: 100, jitter: 0, timeout: 60_000 };
const login = await rotating(secrets, openExecSource(), ${JSON.stringify(command)}, options);
const began = ${JSON.stringify(join(folder, `${name}.began`))};
while (!existsSync(began)) await new Promise((resolve) => setTimeout(resolve, 20));
${then}
`,
  );
  const [program = "", ...parameters] = [...(RUNTIMES[runtime] ?? []), file];
  const { status, stdout, stderr } = spawnSync(program, parameters, {
    env: plainEnvironment(),
    encoding: "utf8",
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const CHOSEN = INSTALLED.filter((name) => SOAK || name === "node-24");

describe.skipIf(MISSING !== null).each(CHOSEN)(
  `${NOT_RUN}a process of %s whose secret is read`,
  { timeout: 40_000 },
  (runtime) => {
    it.each(["idle", "closed"])("in the background does not wait for that: %s", (name) => {
      const then =
        'setTimeout(() => console.log("idle", readFileSync(began, "utf8").trim()), 100);';
      const { status, stdout, stderr } = run(runtime, `${runtime}-${name}`, 60, then);
      const [, child = ""] = /^idle (\d+)$/m.exec(stdout) ?? [];
      expect([status, child, stderr]).toEqual([0, expect.stringMatching(/^\d+$/), ""]);
      try {
        process.kill(-Number(child), "SIGKILL"); // it goes on by itself, as the documents say
      } catch {
        // this runtime has ended it
      }
    });

    it("for somebody who waits for the next read stays alive for both", () => {
      const then = 'await login.refresh(); console.log("read"); login.close();';
      const outcome = run(runtime, `${runtime}-waits`, 1, then);
      expect(outcome).toMatchObject({ status: 0, stdout: "read\n" });
    });
  },
);
