import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installLethe } from "../../../testing/features/custodian/installed.ts";
import { MISSING, ROOT, RUNTIMES, SOAK } from "../../../testing/features/prompt/pty.ts";

const [NODE_24 = ""] = RUNTIMES["node-24"] ?? [];
const [NODE_26 = ""] = RUNTIMES["node-26"] ?? [];
const [BUN = ""] = RUNTIMES["bun"] ?? [];
const isRoot = process.getuid?.() === 0;
/** A program that starts itself without end must not take the machine with it. */
const FENCED = isRoot
  ? ["/usr/bin/setpriv", "--reuid=65533", "--regid=65533", "--clear-groups"]
  : [];
const LIMITED = [...FENCED, "/usr/bin/prlimit", "--nproc=200", "--"];

/** Says that it was started, opens a custodian with the options that it is given, and says what came. */
const APPLICATION = `
console.error("started");
const options = JSON.parse(process.env.OPTIONS ?? "{}");
try {
  const custodian = await openCustodian({ startMilliseconds: 8000, ...options });
  await custodian.generate("key", "key");
  console.error("opened", custodian.report.runtime, (await custodian.close()).code);
} catch (error) {
  console.error("refused", error.code, error.message);
}
`;
const REQUIRING = `
const { createRequire } = require("node:module");
const { openCustodian } = createRequire(process.execPath)("lethe/custodian");
(async () => {${APPLICATION}})();
`;

let folder = "";
/** Has sodium-native, and no Lethe around it. */
let alone = "";
const lethe = (path: string): string => join(folder, "node_modules/lethe/dist/adapters", path);
beforeAll(() => {
  if (!SOAK || MISSING !== null) return;
  folder = mkdtempSync(join(tmpdir(), "lethe-compiled-"));
  alone = mkdtempSync(join(tmpdir(), "lethe-alone-"));
  for (const each of [folder, alone]) chmodSync(each, 0o755);
  installLethe(folder);
  mkdirSync(join(alone, "node_modules"));
  const [sodium, link] = [folder, alone].map((each) => join(each, "node_modules/sodium-native"));
  symlinkSync(realpathSync(sodium ?? ""), link ?? "");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
});
afterAll(() => {
  for (const each of [folder, alone]) if (each !== "") rmSync(each, { recursive: true });
});

function run(command: readonly string[], options: object = {}, variables: object = {}): string {
  const [file = "", ...words] = [...LIMITED, ...command];
  const env = { OPTIONS: JSON.stringify(options), PATH: "/usr/bin:/bin", ...variables };
  const { stderr } = spawnSync(file, words, { cwd: "/", encoding: "utf8", env, timeout: 60_000 });
  return stderr;
}

const started = (text: string): number => text.split("started\n").length - 1;

const SELF = /refused ERR_LETHE_CUSTODIAN Cannot start custodian: this program is/;

describe.skipIf(!SOAK || MISSING !== null)("a single executable of Node.js 26", () => {
  const program = (): string => join(folder, "single");
  beforeAll(() => {
    writeFileSync(join(folder, "single.cjs"), REQUIRING);
    const config = { main: "single.cjs", output: "single", disableExperimentalSEAWarning: true };
    writeFileSync(join(folder, "single.json"), JSON.stringify(config));
    const { status, stderr } = spawnSync(NODE_26, ["--build-sea", "single.json"], { cwd: folder });
    if (status !== 0) throw new Error(String(stderr));
  });

  it("starts nothing by itself, and says what it takes", () => {
    const text = run([program()]);
    expect(text).toMatch(SELF);
    expect(text).toMatch(/a single executable of Node.js, .* name an installed Node.js with the/);
    expect(started(text)).toBe(1);
  });

  it("has a custodian in the runtime that it names", () => {
    expect(run([program()], { runtime: NODE_24 })).toContain("opened node 24");
    const named = { runtime: NODE_26, program: lethe("node/custodian_main.js") };
    expect(run([program()], named)).toContain("opened node 26");
  });

  it("that names itself, or another program, is told so at the first link", () => {
    const text = run([program()], { runtime: program() });
    expect(started(text)).toBe(1);
    expect(text).toMatch(/is not Node.js: .*this process was started as a custodian itself/);
    expect(run([program()], { runtime: "/bin/echo" })).toContain("/bin/echo is not Node.js");
    expect(run([program()], { runtime: BUN })).toMatch(/is not Node.js: .*it said: 1\./);
  });
});

describe.skipIf(!SOAK || MISSING !== null)("a program compiled by Bun", () => {
  const program = (): string => join(folder, "compiled");
  beforeAll(() => {
    const source = `import { createRequire } from "node:module";
const { openCustodian } = createRequire(process.execPath)("lethe/custodian");${APPLICATION}`;
    writeFileSync(join(folder, "compiled.mjs"), source);
    const words = ["build", "--compile", "--compile-autoload-package-json", "compiled.mjs"];
    const { status, stderr } = spawnSync(BUN, [...words, "--outfile", "compiled"], { cwd: folder });
    if (status !== 0) throw new Error(String(stderr));
  });

  it("has a custodian in its own file, which is a runtime too", () => {
    const text = run([program()]);
    expect(text).toContain("opened bun ");
    expect(started(text)).toBe(1);
    expect(run([program()], { runtime: BUN })).toContain("opened bun ");
  });

  it("does not take what lies inside it for the custodian's program", () => {
    const bundled = `import { openCustodian } from "lethe/custodian";${APPLICATION}`;
    writeFileSync(join(folder, "bundled.mjs"), bundled);
    const out = join(alone, "bundled");
    const words = ["build", "--compile", "--compile-autoload-package-json", "bundled.mjs"];
    spawnSync(BUN, [...words, "--outfile", out], { cwd: folder });
    const text = run([out]);
    expect(text).toContain("custodian_main.js (inside a compiled program); build lethe/custodian");
    expect(started(text)).toBe(1);
    copyFileSync(out, join(folder, "bundled")); // beside node_modules with Lethe in it
    expect(run([join(folder, "bundled")])).toContain("opened bun ");
  });
});

describe.skipIf(!SOAK || MISSING !== null)("a program that is not known to start itself", () => {
  it("ends at the first link, with everything that was started", () => {
    const log = join(folder, "log");
    writeFileSync(log, "");
    chmodSync(log, 0o666);
    const source = `import { appendFileSync } from "node:fs";
import { openCustodian } from "lethe/custodian";
appendFileSync(${JSON.stringify(log)}, process.pid + "\\n");${APPLICATION}setInterval(() => 0, 1e6);`;
    writeFileSync(join(folder, "chain.mjs"), source);
    // A launcher in the place of Node.js: it answers as Node.js does, and starts the program again.
    const launcher = join(folder, "launcher");
    const script = `#!/bin/sh
[ "$1" = --version ] && exec echo v24.0.0
env -u OPTIONS ${NODE_24} ${folder}/chain.mjs & exec ${NODE_24} ${folder}/chain.mjs
`;
    writeFileSync(launcher, script);
    chmodSync(launcher, 0o755);
    const child = spawn(LIMITED[0] ?? "", [...LIMITED.slice(1), NODE_24, `${folder}/chain.mjs`], {
      env: { OPTIONS: JSON.stringify({ runtime: launcher, startMilliseconds: 4000 }) },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let text = "";
    child.stderr.on("data", (chunk) => {
      text += chunk;
    });
    return expect
      .poll(() => text, { timeout: 20_000 })
      .toMatch(/did not answer within 4000 ms; it said: .*started as a custodian itself/)
      .then(() => {
        const [application, ...others] = readFileSync(log, "utf8").trim().split("\n").map(Number);
        expect(others.length).toBe(2);
        expect([application, ...others].filter((pid) => isAlive(pid ?? 0))).toEqual([application]);
      })
      .finally(() => child.kill("SIGKILL"));
  });
});

describe.skipIf(!SOAK || MISSING !== null)("a runtime whose file", () => {
  const script = (): string => join(folder, "upgraded.mjs");
  /** Opens a custodian once its own file is another one. */
  async function opened(change: (file: string) => void): Promise<string> {
    const source = `import { openCustodian } from "lethe/custodian";
await new Promise((resolve) => process.stdin.once("data", resolve));${APPLICATION}process.exit();`;
    writeFileSync(script(), source);
    const file = join(folder, "runtime/node");
    mkdirSync(join(folder, "runtime"), { recursive: true });
    copyFileSync(NODE_24, file);
    const child = spawn(file, [script()], { stdio: ["pipe", "ignore", "pipe"], env: {} });
    let text = "";
    child.stderr.on("data", (chunk) => {
      text += chunk;
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    change(file);
    child.stdin.write("go\n");
    await new Promise((resolve) => child.once("close", resolve));
    rmSync(join(folder, "runtime"), { recursive: true });
    return text;
  }

  it("was replaced by another version is the one that is there now", async () => {
    const text = await opened((file) => {
      copyFileSync(NODE_26, `${file}.new`);
      renameSync(`${file}.new`, file);
    });
    expect(text).toContain(`opened node 26`);
  });

  it("was replaced by another program is refused", async () => {
    const text = await opened((file) => {
      copyFileSync("/bin/echo", `${file}.new`);
      renameSync(`${file}.new`, file);
    });
    expect(text).toMatch(/refused ERR_LETHE_CUSTODIAN .*runtime\/node is not Node.js/);
  });

  it("is gone is an error that says so", async () => {
    const text = await opened((file) => rmSync(file));
    expect(text).toMatch(/runtime\/node, which runs this program, is gone \(ENOENT\); start the/);
  });
});

describe.skipIf(!SOAK || MISSING !== null)("a bundle", () => {
  const build = (source: string, out: string, ...more: readonly string[]): void => {
    const words = [source, "--bundle", "--platform=node", ...more, `--outfile=${join(alone, out)}`];
    const options = { cwd: folder, encoding: "utf8" } as const;
    const { status, stderr } = spawnSync(`${ROOT}node_modules/.bin/esbuild`, words, options);
    if (status !== 0) throw new Error(stderr);
  };
  beforeAll(() => {
    const source = `import { openCustodian } from "lethe/custodian";(async () => {${APPLICATION}})();`;
    writeFileSync(join(folder, "app.mjs"), source);
    for (const out of ["alone", "both", "cjs"]) mkdirSync(join(alone, out));
  });

  it("as a module, without the program: is told which file is missing, and takes it by name", () => {
    build("app.mjs", "alone/app.mjs", "--format=esm");
    const text = run([NODE_24, join(alone, "alone/app.mjs")]);
    expect(text).toContain(`its program is not where it was looked for: ${alone}/alone/custodian_`);
    expect(text).toContain("(ENOENT); build lethe/custodian-program as a file beside this one, or");
    const named = { program: lethe("node/custodian_main.js") };
    expect(run([NODE_24, join(alone, "alone/app.mjs")], named)).toContain("opened node 24");
  });

  it("as a module, with the program bundled beside it: has a custodian", () => {
    build("app.mjs", "both/app.mjs", "--format=esm");
    build("lethe/custodian-program", "both/custodian_main.mjs", "--format=esm");
    expect(readdirSync(join(alone, "both"))).toEqual(["app.mjs", "custodian_main.mjs"]);
    expect(run([NODE_24, join(alone, "both/app.mjs")])).toContain("opened node 24");
  });

  it("as CommonJS: is told that the address is gone, and has a custodian with the program beside it", () => {
    build("app.mjs", "cjs/app.cjs", "--format=cjs");
    const text = run([NODE_24, join(alone, "cjs/app.cjs")]);
    expect(text).toContain("a bundler left no true address of this module");
    build("lethe/custodian-program", "cjs/custodian_main.cjs", "--format=cjs");
    expect(run([NODE_24, join(alone, "cjs/app.cjs")])).toContain("opened node 24");
  });
});

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}
