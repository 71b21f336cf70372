import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { requireBuilt } from "../../build_stamp.ts";

/** A bundler as a newcomer calls it: nothing is set but where to read and write, and to minify. */
export interface Bundler {
  readonly name: string;
  /** Why it cannot be run here, or null. */
  readonly missing: string | null;
  /** Builds `folder/ENTRY/main.js` into `folder/out/NAME/ENTRY`. */
  build(folder: string, entry: string): Bundle;
}

export interface Bundle {
  /** Bytes of all its scripts, minified, and of the same after gzip at its highest level. */
  readonly minified: number;
  readonly gzipped: number;
  /** Where a site over the folder has the page. */
  readonly page: string;
}

type Arguments = (entry: string, out: string) => readonly string[];

export const BUNDLERS: readonly Bundler[] = [
  bundler("vite", ["vite"], (entry, out) => [
    ...["build", entry, "--outDir", join("..", out), "--base", "./", "--logLevel", "error"],
  ]),
  bundler("esbuild", ["esbuild"], (entry, out) => [
    `${entry}/main.js`,
    ...["--bundle", "--minify", "--format=esm", `--outdir=${out}`, "--log-level=error"],
  ]),
  bundler(
    "rollup",
    ["rollup", "@rollup/plugin-node-resolve", "@rollup/plugin-terser"],
    (entry, out) => [
      ...[`${entry}/main.js`, "--dir", out, "--format", "es", "--silent"],
      ...["--plugin", "@rollup/plugin-node-resolve={browser:true}"],
      ...["--plugin", "@rollup/plugin-terser"],
    ],
  ),
];

function bundler(name: string, packages: readonly string[], parameters: Arguments): Bundler {
  const absent = packages.filter((each) => !existsSync(`node_modules/${each}`));
  return {
    name,
    missing: absent.length === 0 ? null : `${absent.join(" and ")} not installed`,
    build(folder, entry) {
      const out = `out/${name}/${entry}`;
      const program = resolve("node_modules/.bin", name);
      const { status, stdout, stderr } = spawnSync(program, parameters(entry, out), {
        cwd: folder,
        encoding: "utf8",
        env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` },
      });
      if (status !== 0) throw new Error(`${name} of ${entry}: ${stdout}${stderr}`);
      return measure(folder, out);
    },
  };
}

function measure(folder: string, out: string): Bundle {
  const scripts = globSync(`${out}/**/*.js`, { cwd: folder }).map((path) =>
    readFileSync(join(folder, path)),
  );
  if (scripts.length === 0) throw new Error(`Nothing was built into ${out}`);
  return {
    minified: scripts.reduce((sum, { length }) => sum + length, 0),
    gzipped: scripts.reduce((sum, script) => sum + gzipSync(script, { level: 9 }).length, 0),
    page: existsSync(join(folder, out, "index.html"))
      ? `/${out}/index.html`
      : `/page/${out}/main.js`,
  };
}

/** A project of one folder for each entry, with this package and what is installed beside it. */
export function writeProject(folder: string, entries: Readonly<Record<string, string>>): void {
  requireBuilt();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(process.cwd(), join(folder, "node_modules/lethe"));
  for (const scope of ["@rollup"]) {
    symlinkSync(resolve("node_modules", scope), join(folder, "node_modules", scope));
  }
  for (const [entry, source] of Object.entries(entries)) {
    mkdirSync(join(folder, entry));
    writeFileSync(join(folder, entry, "main.js"), source);
    const page = '<!doctype html><script type="module" src="./main.js"></script>';
    writeFileSync(join(folder, entry, "index.html"), page);
  }
}
