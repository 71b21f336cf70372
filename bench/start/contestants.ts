import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What a process measured about itself. */
export interface Measured {
  readonly milliseconds: number;
  /** Milliseconds of its main thread on a processor, which a busy machine changes least. */
  readonly processor: number;
  /** Where the bytes lie. */
  readonly memory: string;
}

/** One way to the first secret bytes. */
export interface Contestant {
  readonly name: string;
  run(runtime: string): Measured;
}

const MODULES = resolve("node_modules");

/** How each runtime is started. */
export const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  "Node 22": [`${MODULES}/node-22/bin/node`],
  "Node 24": [`${MODULES}/node-24/bin/node`],
  "Node 26": [`${MODULES}/node-26/bin/node`],
  Deno: [`${MODULES}/.bin/deno`, "run", "-A", "--no-check", "--node-modules-dir=manual"],
  Bun: [`${MODULES}/.bin/bun`],
};

const FIRST = `
const { openSecrets } = await import("lethe");
const secrets = openSecrets();
secrets.random(32);
const { memory } = secrets;`;

const NATIVE = `
const { default: sodium } = await import("sodium-native");
sodium.randombytes_buf(sodium.sodium_malloc(32));
const memory = "sodium";`;

// By clocks that are there, and were read once, before they count.
const measuring = (program: string): string => `
const { readFileSync } = process.getBuiltinModule("node:fs");
const spent = () => Number(readFileSync("/proc/thread-self/schedstat", "latin1").split(" ")[0]) / 1e6;
spent(), performance.now();
const [start, before] = [performance.now(), spent()];
${program}
const [milliseconds, processor] = [performance.now() - start, spent() - before];
console.log(JSON.stringify({ milliseconds, processor, memory }));
`;

const BESIDE: Readonly<Record<string, readonly string[]>> = {
  koffi: ["@koromix"],
  "sodium-native": [
    "require-addon",
    "which-runtime",
    "bare-addon-resolve",
    "bare-module-resolve",
    "bare-semver",
  ],
};

const folder: string = mkdtempSync(join(tmpdir(), "lethe-start-"));

/** Removes what was made for the contestants. */
export function removeProjects(): void {
  rmSync(folder, { recursive: true });
}

/** Lethe as it is installed, alone or beside what it can use, and sodium-native by itself. */
export const CONTESTANTS: readonly Contestant[] = [
  contestant("sodium-native", NATIVE, ["sodium-native"]),
  contestant("Lethe", FIRST, ["lethe", "koffi", "sodium-native"]),
  contestant("Lethe beside sodium-native alone", FIRST, ["lethe", "sodium-native"]),
  contestant("Lethe alone", FIRST, ["lethe"]),
];

/** A project with these packages; what they need lies beside them. */
function contestant(name: string, program: string, packages: readonly string[]): Contestant {
  const project = join(folder, name.replaceAll(" ", "-"));
  const modules = join(project, "node_modules");
  mkdirSync(modules, { recursive: true });
  const needed = packages.flatMap((each) => [each, ...(BESIDE[each] ?? [])]);
  for (const each of needed) {
    if (each === "lethe") install(join(modules, each));
    else cpSync(join(MODULES, each), join(modules, each), { recursive: true, dereference: true });
  }
  const dependencies = Object.fromEntries(packages.map((each) => [each, "*"]));
  writeFileSync(join(project, "package.json"), JSON.stringify({ dependencies }));
  writeFileSync(join(project, "main.mjs"), measuring(program));
  return {
    name,
    run(runtime) {
      const [file = "", ...parameters] = RUNTIMES[runtime] ?? [];
      const { stdout, stderr } = spawnSync(file, [...parameters, "main.mjs"], {
        cwd: project,
        encoding: "utf8",
      });
      if (stdout === "") throw new Error(`${name} on ${runtime}: ${stderr}`);
      return JSON.parse(stdout) as Measured;
    },
  };
}

/** The package as it was built. */
function install(path: string): void {
  if (!existsSync("dist/adapters/node/doors/main.js")) throw new Error("npm run build first");
  mkdirSync(path);
  for (const each of ["dist", "package.json"]) cpSync(each, join(path, each), { recursive: true });
}
