import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { faultOfBuild, STAMP, stampOutput, stampSources } from "./build_stamp.ts";
import { SOAK } from "./tier.ts";

const ROOT = resolve(import.meta.dirname, "..");
let root = "";
const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

/** As tools/build.ts ends. */
function build(): void {
  put("dist/core/mod.js", "export const one = 1;");
  const stamp = { sources: stampSources(root), output: stampOutput(join(root, "dist")) };
  put(`dist/${STAMP}`, JSON.stringify(stamp));
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lethe-stamp-"));
});
afterEach(() => rmSync(root, { recursive: true }));

describe("a build is known by what it was made of", () => {
  beforeEach(() => {
    for (const path of ["package.json", "package-lock.json", "tsconfig.json"]) put(path, "{}");
    put("tsconfig.build.json", '{ "include": ["core", "system"] }');
    for (const name of ["build", "chunks", "doors", "prune_types"]) put(`tools/${name}.ts`, name);
    put("core/mod.ts", "export const one = 1;");
    put("core/mod.test.ts", "a test");
    put("system/tracer.c", "int one;");
    build();
  });

  it("and taken while nothing has changed, whatever the times of the files", () => {
    expect(faultOfBuild(root)).toBe(null);
    const [old, ahead] = [new Date(0), new Date("2099-01-01")];
    utimesSync(join(root, "core/mod.ts"), ahead, ahead);
    utimesSync(join(root, "dist/core/mod.js"), old, old);
    put("core/mod.test.ts", "another test");
    expect(faultOfBuild(root)).toBe(null);
  });

  it.each<readonly [string, () => void]>([
    ["a source that changed", () => put("core/mod.ts", "export const one = 2;")],
    [
      "a source that changed, with the times that it had",
      () => {
        put("core/mod.ts", "export const one = 2;");
        utimesSync(join(root, "core/mod.ts"), new Date(0), new Date(0));
      },
    ],
    ["a source more", () => put("core/two.ts", "")],
    ["a source less", () => rmSync(join(root, "system/tracer.c"))],
    [
      "a source by another name",
      () => renameSync(join(root, "core/mod.ts"), join(root, "core/mob.ts")),
    ],
    ["another way to build", () => put("tools/chunks.ts", "other")],
    ["other tools to build with", () => put("package-lock.json", '{ "a": 1 }')],
  ])("and not taken with %s", (_, change) => {
    change();
    expect(faultOfBuild(root)).toBe("dist was built of other sources than these");
    build();
    expect(faultOfBuild(root)).toBe(null);
  });

  it("nor where it did not come to its end, or was changed since", () => {
    put("dist/core/mod.js", "export const one = 2;");
    expect(faultOfBuild(root)).toBe("dist is not as the build left it");
    rmSync(join(root, "dist/core/mod.js"));
    expect(faultOfBuild(root)).toBe("dist is not as the build left it");
    put(`dist/${STAMP}`, '{ "sources": "cut');
    expect(faultOfBuild(root)).toBe("dist was not built to its end");
    rmSync(join(root, "dist"), { recursive: true });
    expect(faultOfBuild(root)).toBe("dist was not built to its end");
  });
});

describe("a program that tests start", () => {
  const PROGRAM = `
    import { rmSync, writeFileSync } from "node:fs";
    const { atHand } = await import("./testing/built.ts");
    const said = () => { try { return atHand("core/mod.ts").slice(-16); } catch (error) { return error.message.slice(0, 16); } };
    const results = [said()];
    process.env.LETHE_BUILT = "1"; // by hand
    results.push(said());
    process.env.LETHE_BUILT = "one";
    writeFileSync("dist/${STAMP}", '{ "sources": "two", "output": "" }');
    results.push(said());
    rmSync("dist", { recursive: true });
    results.push(said());
    delete process.env.LETHE_BUILT;
    console.log(JSON.stringify([...results, said()]));`;

  it("is the built one only while that is the build that its tests began with", () => {
    for (const name of ["built", "build_stamp"]) {
      put(`testing/${name}.ts`, readFileSync(join(ROOT, `testing/${name}.ts`), "utf8"));
    }
    put(`dist/${STAMP}`, '{ "sources": "one", "output": "" }');
    const { stdout } = spawnSync(
      process.execPath,
      ["--no-warnings", "--input-type=module", "-e", PROGRAM],
      { cwd: root, encoding: "utf8", env: { ...process.env, LETHE_BUILT: "one" } },
    );
    const refused = "Cannot test dist";
    expect(JSON.parse(stdout)).toEqual([
      "dist/core/mod.js",
      ...[refused, refused, refused],
      expect.stringMatching(/[^t]\/core\/mod\.ts$/),
    ]);
  });
});

describe.skipIf(!SOAK)("npm run build (in the soak)", { timeout: 600_000 }, () => {
  const build = (...flags: readonly string[]): readonly [string, readonly string[]] => [
    process.execPath,
    ["--no-warnings", "tools/build.ts", ...flags],
  ];
  const status = (...flags: readonly string[]): number | null =>
    spawnSync(...build(...flags), { cwd: root, encoding: "utf8" }).status;

  beforeEach(() => {
    for (const path of readdirSync(ROOT)) {
      if (/^(?:node_modules|dist|\.git|\.dist-.*|lethe-report)$/.test(path)) continue;
      cpSync(join(ROOT, path), join(root, path), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  });

  it("builds what is stale, leaves what is not, and takes no half of a build", async () => {
    expect([status(), faultOfBuild(root)]).toEqual([0, null]);
    const before = readdirSync(root).sort();
    put("dist/mark", "");
    rmSync(join(root, "dist/mark"));
    const started = performance.now();
    expect(status("--if-stale")).toBe(0);
    const idle = performance.now() - started;
    appendFileSync(join(root, "core/try_all.ts"), "\nexport const MARK = 7;\n");
    expect(faultOfBuild(root)).toBe("dist was built of other sources than these");
    expect([status("--if-stale"), faultOfBuild(root)]).toEqual([0, null]);
    expect(idle).toBeLessThan(performance.now() - started - idle);

    appendFileSync(join(root, "core/try_all.ts"), "\nexport const mark: number = 'text';\n");
    expect(status("--if-stale")).not.toBe(0);
    expect(faultOfBuild(root)).toBe("dist was built of other sources than these");
    const text = readFileSync(join(root, "core/try_all.ts"), "utf8");
    put("core/try_all.ts", text.replace("'text'", "7"));

    const killed = spawn(...build(), { cwd: root, stdio: "ignore", detached: true });
    await new Promise((done) => setTimeout(done, 4000));
    const ended = new Promise((done) => killed.on("close", done));
    process.kill(-(killed.pid ?? 0), "SIGKILL"); // with its compiler
    await ended;
    expect(faultOfBuild(root)).toBe("dist was built of other sources than these");
    for (const name of readdirSync(root)) {
      if (name.startsWith(".dist-")) rmSync(join(root, name), { recursive: true });
    }

    const both = [spawn(...build(), { cwd: root }), spawn(...build(), { cwd: root })].map(
      (child) => new Promise((done) => child.on("close", done)),
    );
    expect(await Promise.all(both)).toEqual([0, 0]);
    expect(faultOfBuild(root)).toBe(null);
    expect(readdirSync(root).sort()).toEqual(before);
  });
});
