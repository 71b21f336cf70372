/** Each bundler as docs/bundling.md has it, and with its defaults. What it made runs where nothing else is. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documented } from "./documented.ts";
import { everything, expectReport, outOfPlace, reportIn } from "./probe.ts";
import { installNative, Project } from "./project.ts";
import { install, why } from "./tools.ts";

const tools = install(
  "@rollup/plugin-node-resolve",
  "@vercel/ncc",
  "esbuild",
  "rolldown",
  "rollup",
  "tsup",
  "typescript",
  "vite",
  "webpack",
  "webpack-cli",
);
const parcel = install("parcel");

/** What a section of docs/bundling.md makes, and the runtime for which it does. */
type Made = readonly [file: string, runtime: string];
const MADE: Readonly<Record<string, Made>> = {
  esbuild: ["main.mjs", "node 24"],
  "esbuild, as CommonJS": ["main.cjs", "node 24"],
  Rollup: ["main.mjs", "node 24"],
  Rolldown: ["main.mjs", "node 24"],
  Vite: ["main.mjs", "node 24"],
  webpack: ["main.cjs", "node 24"],
  "webpack, as ES modules": ["main.mjs", "node 24"],
  ncc: ["index.mjs", "node 24"],
  tsup: ["main.mjs", "node 24"],
  "Bun, for Bun": ["main.mjs", "bun"],
  "Bun, for Node.js": ["main.mjs", "node 24"],
  "Bun, as CommonJS": ["main.cjs", "node 24"],
  Deno: ["main.mjs", "deno"],
};

/** Builds as documented: into `out`. */
function build(project: Project, heading: string): void {
  const { files, commands } = documented(heading);
  for (const [path, text] of Object.entries(files)) project.write(path, text);
  for (const command of commands) project.run(command);
}

const nameOf = (runtime: string): string => runtime.split(" ")[0] ?? "";

/** Builds go through other people's tools, on a machine that may be busy. */
const TIMEOUT = 240_000;

describe.skipIf(tools.missing !== null)(`a bundle${why(tools)}`, { timeout: TIMEOUT }, () => {
  let project: Project;
  const built = new Map<string, string>();
  beforeAll(() => {
    project = new Project(tools);
  });
  afterAll(() => project.remove());

  /** What a section of the document makes, in a folder with nothing else; and the file to run. */
  function deployed(heading: string, ...files: readonly string[]): readonly [string, string] {
    let folder = built.get(heading);
    if (folder === undefined) {
      build(project, heading);
      folder = `built ${built.size}`;
      built.set(heading, folder);
      renameSync(join(project.folder, "out"), join(project.folder, folder));
    }
    const [file = ""] = MADE[heading] ?? [];
    const place =
      files.length === 0
        ? join(project.deploy(folder), folder)
        : join(project.deploy(...files.map((each) => `${folder}/${each}`)), folder);
    return [place, join(place, file)];
  }

  it.each(Object.entries(MADE))("of %s has everything, as documented", (heading, [, runtime]) => {
    const [place, file] = deployed(heading);
    installNative(join(place, "../node_modules"));
    expectReport(project.report(file, { runtime }), everything(nameOf(runtime)));
  });

  it.each(["node 22", "node 26"])("runs on %s", (runtime) => {
    const [place, file] = deployed("esbuild");
    installNative(join(place, "../node_modules"));
    expectReport(project.report(file, { runtime }), everything("node"));
  });

  it.each(["esbuild", "webpack", "Bun, as CommonJS"])("of %s says what is missing", (heading) => {
    const [main = ""] = MADE[heading] ?? [];
    const [place, file] = deployed(heading, main);
    const because = /it is not installed beside Lethe or beside this program; install it/;
    const custodian =
      /(?:custodian_main\.\w+ \(ENOENT\)|and no installed Lethe has it); build lethe\/custodian-program/;
    expectReport(project.report(file), {
      runtime: "node",
      memory: "heap",
      because,
      refused: { crypto: because, seal: because, custodian },
    });
    installNative(join(place, "../node_modules"));
    expectReport(project.report(file), { ...everything("node"), refused: { custodian } });
  });

  it.each(["webpack", "webpack, as ES modules", "Bun, as CommonJS"])(
    "of %s takes nothing from the folder in which it was made",
    (heading) => {
      const [main = ""] = MADE[heading] ?? [];
      const [, file] = deployed(heading, main);
      const planted = [
        "node_modules/koffi/index.js",
        "node_modules/sodium-native/index.js",
        "node_modules/lethe/dist/adapters/node/custodian_main.js",
      ];
      for (const path of planted) project.replace(path, 'console.error("planted code ran");\n');
      const said = project.run(["node 24", file]);
      project.restore();
      expect(said).not.toContain("planted");
      expect(reportIn(said).memory).toBe("heap");
    },
  );
});

/** With its defaults a tool may take the entry of a page: the command, what it makes, and the condition. */
const DEFAULTS: readonly (readonly [string, string, string, string])[] = [
  [
    "esbuild",
    "esbuild main.mjs --bundle --format=esm --outfile=out/main.mjs",
    "main.mjs",
    "browser",
  ],
  [
    "esbuild, neutral",
    "esbuild main.mjs --bundle --platform=neutral --outfile=out/main.mjs",
    "main.mjs",
    "default",
  ],
  ["Rollup", "rollup main.mjs -p node-resolve -f es -o out/main.mjs", "main.mjs", "default"],
  ["Rolldown", "rolldown main.mjs -d out", "main.js", "browser"],
  ["Vite's library mode", "vite build --config library.mjs", "main.mjs", "browser"],
  ["webpack", "webpack ./main.mjs --mode development -o out", "main.js", "browser"],
  ["Bun", "bun build main.mjs --outfile=out/main.mjs", "main.mjs", "browser"],
];

describe.skipIf(tools.missing !== null)(
  `a bundle made with the defaults${why(tools)}`,
  { timeout: TIMEOUT },
  () => {
    let project: Project;
    beforeAll(() => {
      project = new Project(tools);
      project.write(
        "library.mjs",
        'export default { build: { outDir: "out", lib: { entry: "main.mjs", formats: ["es"], fileName: "main" } } };',
      );
    });
    afterAll(() => project.remove());

    it.each(DEFAULTS)(
      "of %s has a page's memory on a server, and says why",
      (name, command, file, condition) => {
        project.run(command.split(" "));
        const path = join(project.folder, "out", file);
        expectReport(project.report(path), outOfPlace(condition, "node"));
        if (name === "Bun") {
          const report = project.report(path, { runtime: "bun" });
          expectReport(report, outOfPlace(condition, "bun"));
        }
        project.delete("out");
      },
    );
  },
);

describe.skipIf(parcel.missing !== null)(
  `a bundle of Parcel${why(parcel)}`,
  { timeout: TIMEOUT },
  () => {
    it("has everything, as documented", () => {
      const project = new Project(parcel);
      build(project, "Parcel");
      const place = project.deploy("out", "package.json");
      installNative(join(place, "node_modules"));
      expectReport(project.report(join(place, "out/main.js")), everything("node"));
      project.remove();
    });
  },
);
