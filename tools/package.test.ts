/** What users get: how large it is, and how much of it holding a secret takes. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { expect, it } from "vitest";
import { requireBuilt } from "../testing/build_stamp.ts";

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

function pack(): Packed {
  const parameters = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const { stdout, stderr } = spawnSync("npm", parameters, { encoding: "utf8" });
  const [packed] = JSON.parse(stdout || `"${stderr}"`) as [Packed];
  return packed;
}

it("is as large as docs/bundling.md says, packed and installed", () => {
  const { size, unpackedSize, files } = pack();
  const paths = files.map(({ path }) => path);
  expect(paths).toContain("dist/adapters/node/doors/main.js");
  expect(paths.filter((path) => !/^dist\/.*\.(?:js|d\.ts|c|1)$/.test(path)).sort()).toEqual(
    ["LICENSE", "README.md", "SECURITY.md", "docs/bundling.md", "package.json"].sort(),
  );
  const said = /The tarball has (\d+) KB, and installed it takes (\d+) KB/;
  const [, tarball, installed] = said.exec(readFileSync("docs/bundling.md", "utf8")) ?? [];
  for (const [bytes, kilobytes] of [
    [size, tarball],
    [unpackedSize, installed],
  ] as const) {
    const growth = `${bytes} bytes; if it is worth that, say so in docs/bundling.md`;
    expect(bytes / 1000, growth).toBeLessThan(Number(kilobytes) * 1.05);
    expect(bytes / 1000, growth).toBeGreaterThan(Number(kilobytes) * 0.95);
  }
});

/** Of minified code: with a space it is a message. */
const IMPORT = /\b(?:from|import)"([^"]+)"/g;

/** The files that a door loads before it is used, and what they import from elsewhere. */
function loadedBy(door: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    const text = readFileSync(path, "utf8");
    const imports = [...text.matchAll(IMPORT)].map(([, specifier = ""]) => specifier);
    found.set(
      path,
      imports.filter((specifier) => !specifier.startsWith(".")),
    );
    for (const specifier of imports.filter((each) => each.startsWith("."))) {
      visit(join(path, "..", specifier));
    }
  };
  visit(door);
  return found;
}

it.each(["node", "deno", "bun"])(
  "loads on %s what a first secret takes, and no more",
  (runtime) => {
    requireBuilt();
    const loaded = loadedBy(`dist/adapters/${runtime}/doors/main.js`);
    const sizes = [...loaded.keys()].map((path) => readFileSync(path).byteLength);
    expect(loaded.size).toBeLessThan(20);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
    // No optional package, and nothing of features.
    expect([...loaded.values()].flat().filter((name) => !name.startsWith("node:"))).toEqual([]);
    expect([...loaded.keys()].join()).not.toMatch(/custodian|key_files|prompt|conformance|command/);
  },
);

it("loads no module of a server in a page", () => {
  for (const door of ["web/by_browser", "web/by_default", "web/mod", "workerd/main"]) {
    expect([...loadedBy(`dist/adapters/${door}.js`).values()].flat(), door).toEqual([]);
  }
});
