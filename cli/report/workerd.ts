import { existsSync, globSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Report } from "../../conformance/mod.ts";
import { parseJson } from "../../core/arguments/own.ts";
import { packageRoot } from "../package_root.ts";
import { runProgram } from "../run_program.ts";
import type { Column } from "./column.ts";

const WORKER = `import { runtime, openSecrets } from "dist/adapters/workerd/mod.js";
import { FROM_INSIDE, runConformance } from "dist/conformance/inside.js";
export default {
  async test() {
    const memory = () => runtime.memories[0].open();
    const report = await runConformance({ name: "workerd heap", memory, openSecrets }, FROM_INSIDE);
    console.log("REPORT" + JSON.stringify(report));
  },
};
`;

/** Milliseconds. */
const PATIENCE = 120_000;

/**
 * Runs what a worker can check on itself, in a real workerd.
 *
 * @param named the file of one: no folder of packages is searched
 */
export async function workerdColumn(
  named: string | undefined,
  say: (what: string) => void,
): Promise<Column> {
  const root = packageRoot();
  const none = (failure: string, broken = false): Column => ({
    runtime: "workerd",
    memory: "heap",
    report: null,
    failure,
    broken,
  });
  if (named === undefined) {
    return none("no workerd was named; name the file of one with --workerd (npm install workerd)");
  }
  const executable = resolve(named);
  if (!existsSync(executable)) return none("there is no file where --workerd names one", true);
  if (!existsSync(join(root, "dist"))) return none("not built; npm run build");
  say("workerd: running the suite inside a worker");
  let folder: string | null = null;
  try {
    folder = mkdtempSync(join(tmpdir(), "lethe-report-"));
    writeWorker(root, folder);
    const test = ["test", join(folder, "config.capnp")];
    const { stdout, stderr } = await runProgram(executable, test, PATIENCE);
    const line = /REPORT(\{.*\})/.exec(`${stdout}${stderr}`)?.[1];
    if (line === undefined) return none("the worker gave no report", true);
    const version = await runProgram(executable, ["--version"], PATIENCE);
    return { ...none(""), runtime: version.stdout.trim(), report: parseJson(line) as Report };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return none(`it could not be run: ${code ?? "an error of its report"}`, folder !== null);
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}

/** Embedded paths are relative to the configuration. */
function writeWorker(root: string, folder: string): void {
  const modules = globSync("dist/{adapters,chunks,conformance,core,engines,features}/**/*.js", {
    cwd: root,
  });
  const embedded = modules.map((name) => `(name = "${name}", esModule = embed "${name}")`);
  symlinkSync(join(root, "dist"), join(folder, "dist"));
  writeFileSync(join(folder, "worker.js"), WORKER);
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);
const worker :Workerd.Worker = (
  compatibilityDate = "2026-10-01",
  modules = [(name = "worker.js", esModule = embed "worker.js"), ${embedded.join(",\n")}],
);
`,
  );
}
