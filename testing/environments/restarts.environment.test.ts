/** Programs that a tool ends and starts again at each change, with a secret and a custodian open. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Project } from "./project.ts";
import { commandOf, folderOf, install, why } from "./tools.ts";

const tools = install("nodemon", "tsx");
const TIMEOUT = 240_000;

const SERVER = `import { openSecrets } from "lethe";
import { openCustodian } from "lethe/custodian";
import { wipeOnExit } from "lethe/process";
const secrets = openSecrets();
wipeOnExit(secrets);
const key = secrets.random(32);
const custodian = await openCustodian();
await custodian.generate("key", "key");
console.log("up", process.pid, custodian.pid, secrets.memory, key.state);
setInterval(() => undefined, 1000);
`;

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  nodemon: ["nodemon", "--quiet", "--watch", "server.mjs", "server.mjs"],
  "node --watch": ["node 24", "--watch", "server.mjs"],
  "tsx watch": ["tsx", "watch", "server.mjs"],
  "bun --watch": ["bun", "--watch", "server.mjs"],
};

describe.skipIf(tools.missing !== null)(`restarts${why(tools)}`, { timeout: TIMEOUT }, () => {
  let project: Project;
  beforeAll(() => {
    project = new Project(tools);
  });
  afterAll(() => project.remove());

  it.each(Object.entries(COMMANDS))(
    "by %s leave no process, and have everything",
    async (_, command) => {
      const [program = "", ...words] = command;
      project.write("server.mjs", SERVER);
      const child = spawn(commandOf(program, tools), words, {
        cwd: project.folder,
        env: { HOME: project.folder, PATH: `${folderOf("node 24")}:/usr/bin:/bin`, NO_COLOR: "1" },
        detached: true,
      });
      let said = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk) => {
          said += chunk;
        });
      }
      const starts = (): readonly string[] => said.match(/^up .*$/gm) ?? [];
      try {
        for (let round = 1; round <= 3; round += 1) {
          await expect.poll(() => starts().length, { timeout: 60_000 }).toBe(round);
          if (round < 3) project.write("server.mjs", `${SERVER}// change ${round}\n`);
        }
        for (const line of starts()) expect(line).toMatch(/ secretmem guarded$/);
        const [application = 0, custodian = 0] = processesOf(starts().at(-1));
        expect([application, custodian].filter(isAlive)).toEqual([application, custodian]);
        // Bun starts the program again in the same process.
        const before = starts()
          .slice(0, -1)
          .flatMap(processesOf)
          .filter((pid) => pid !== application);
        await expect.poll(() => before.filter(isAlive), { timeout: 30_000 }).toEqual([]);
      } finally {
        process.kill(-(child.pid ?? 0), "SIGTERM");
      }
      const all = starts().flatMap(processesOf);
      expect(all).toHaveLength(6);
      await expect.poll(() => all.filter(isAlive), { timeout: 30_000 }).toEqual([]);
    },
  );
});

/** The application and its custodian, in what the application said. */
function processesOf(line = ""): readonly number[] {
  return line.split(" ").slice(1, 3).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}
