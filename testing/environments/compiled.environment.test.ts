/** Programs that are one file with their runtime, with what docs/bundling.md puts beside them. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everything, expectReport } from "./probe.ts";
import { installNative, Project } from "./project.ts";
import { install, NODES, runtimeFile, why } from "./tools.ts";

const tools = install("esbuild", "postject");
const TIMEOUT = 240_000;
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

describe.skipIf(tools.missing !== null)(`one file${why(tools)}`, { timeout: TIMEOUT }, () => {
  let project: Project;
  beforeAll(() => {
    project = new Project(tools);
    const bundle = ["esbuild", "--bundle", "--platform=node", "--format=cjs"];
    project.run([...bundle, "main.mjs", "--outfile=main.cjs"]);
    project.run([...bundle, "lethe/custodian-program", "--outfile=custodian_main.cjs"]);
  });
  afterAll(() => project.remove());

  /** The options with which a custodian starts: its program and a runtime, both named. */
  const named = (place: string, runtime: string): Readonly<Record<string, string>> => ({
    LETHE_CUSTODIAN: JSON.stringify({
      program: join(place, "custodian_main.cjs"),
      runtime: runtimeFile(runtime),
    }),
  });

  it.each(NODES)("of %s (a single executable) has everything", (runtime) => {
    const config = { main: "main.cjs", output: "sea.blob", disableExperimentalSEAWarning: true };
    project.write("sea.json", JSON.stringify(config));
    project.run([runtime, "--experimental-sea-config", "sea.json"], { runtime });
    project.run(["cp", runtimeFile(runtime), "single"]);
    project.run(["postject", "single", "NODE_SEA_BLOB", "sea.blob", "--sentinel-fuse", FUSE]);
    const place = project.deploy("single", "custodian_main.cjs");
    installNative(join(place, "node_modules"));
    const single = join(place, "single");
    const custodian = /this program is a single executable of Node.js, and would start itself/;
    const alone = project.reportOf([single], { folder: "/" });
    expectReport(alone, { ...everything("node"), refused: { custodian } });
    const environment = named(place, runtime);
    expectReport(project.reportOf([single], { folder: "/", environment }), everything("node"));
    expect(project.has("single")).toBe(true);
  });

  it("of bun build --compile has everything", () => {
    const compile = ["bun", "build", "--compile", "--compile-autoload-package-json"];
    project.run([...compile, "main.mjs", "--outfile", "by_bun"]);
    project.run([
      ...["bun", "build", "node_modules/lethe/dist/adapters/bun/custodian_main.js"],
      ...["--target=bun", "--outfile=custodian_main.js"],
    ]);
    const place = project.deploy("by_bun", "custodian_main.js");
    installNative(join(place, "node_modules"));
    const environment = {
      LETHE_CUSTODIAN: JSON.stringify({ program: join(place, "custodian_main.js") }),
    };
    const report = project.reportOf([join(place, "by_bun")], { folder: "/", environment });
    expectReport(report, everything("bun"));
  });
});
