import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { requireBuilt } from "../../testing/build_stamp.ts";
import { SOAK } from "../../testing/tier.ts";

// Where koffi and its binary lie, and what a process may read of it. Its own JavaScript is replaced by one that
// throws: what is said to be loaded was loaded by the binary alone.

const BINARY = `@koromix/koffi-${process.platform}-${process.arch}`;
const missing =
  process.platform !== "linux"
    ? "it is Linux alone that has this way"
    : existsSync(`node_modules/${BINARY}`)
      ? null
      : "koffi is not installed";
const isRoot = process.getuid?.() === 0;
const canMount = isRoot && spawnSync("/usr/bin/unshare", ["-m", "/bin/true"]).status === 0;
const canDrop = isRoot && existsSync("/usr/bin/setpriv");
const NOBODY = 65_534;

const PROGRAM = `import { openSecrets } from "lethe";
const { memory, passedOver } = openSecrets();
console.log(JSON.stringify({ memory, reasons: passedOver.map(({ reason }) => reason) }));
`;

interface Said {
  readonly memory: string;
  readonly reasons: readonly string[];
}

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "lethe-koffi-layouts-")));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Copies koffi, or a part of Lethe, to a place in a project. */
function place(from: string, to: string): string {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true });
  return to;
}
const placeKoffi = (to: string): string => {
  place("node_modules/koffi", to);
  writeFileSync(join(to, "index.cjs"), 'throw new Error("its own code")');
  return to;
};
const placeBinary = (to: string): string => place(`node_modules/${BINARY}`, to);
function placeLethe(to: string): string {
  for (const part of ["dist", "package.json"]) place(part, join(to, part));
  return to;
}
function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

function run(
  node: string,
  project: string,
  flags: readonly string[] = [],
  wrapper: readonly string[] = [],
): Said {
  writeFileSync(join(project, "main.mjs"), PROGRAM);
  const bin = resolve(`node_modules/${node}/bin/node`);
  const [file = "", ...rest] = [...wrapper, bin, ...flags, "main.mjs"];
  const { stdout, stderr } = spawnSync(file, rest, {
    cwd: project,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] },
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Said;
}

/** The plain layout of npm. */
function plain(project: string): string {
  const modules = join(project, "node_modules");
  placeLethe(join(modules, "lethe"));
  placeKoffi(join(modules, "koffi"));
  placeBinary(join(modules, BINARY));
  return project;
}

describe.skipIf(!SOAK || missing !== null).each(["node-22", "node-24", "node-26"])(
  `koffi on %s${missing === null ? "" : ` (did not run: ${missing})`}`,
  { timeout: 300_000 },
  (node) => {
    beforeEach(() => requireBuilt());
    const taken = { memory: "secretmem", reasons: [] };

    it.each(["with spaces", "läthe – ключ 鍵", "per%20cent #and?query"])(
      "is loaded below a path %s",
      (name) => {
        expect(run(node, plain(join(folder, name)))).toEqual(taken);
      },
    );

    it("is loaded where pnpm keeps each package in a store and links to it", () => {
      const store = join(folder, "node_modules/.pnpm");
      placeLethe(join(store, "lethe@0.1.0/node_modules/lethe"));
      placeKoffi(join(store, "koffi@3.3.4/node_modules/koffi"));
      placeBinary(join(store, `${BINARY.replace("/", "+")}@3.3.4/node_modules`, BINARY));
      const binary = join("../../../..", `.pnpm/${BINARY.replace("/", "+")}@3.3.4/node_modules`);
      link(join(binary, BINARY), join(store, "koffi@3.3.4/node_modules", BINARY));
      link("../../koffi@3.3.4/node_modules/koffi", join(store, "lethe@0.1.0/node_modules/koffi"));
      link(".pnpm/lethe@0.1.0/node_modules/lethe", join(folder, "node_modules/lethe"));
      expect(run(node, folder)).toEqual(taken);
    });

    it("is loaded beside the program where Lethe itself is a link to elsewhere", () => {
      const elsewhere = placeLethe(join(folder, "work/lethe"));
      const app = join(folder, "app");
      placeKoffi(join(app, "node_modules/koffi"));
      placeBinary(join(app, "node_modules", BINARY));
      link(elsewhere, join(app, "node_modules/lethe"));
      expect(run(node, app)).toEqual(taken);
    });

    it("that is a link loads itself, with the binary that it finds, and no other", () => {
      const app = join(folder, "app");
      placeLethe(join(app, "node_modules/lethe"));
      const linked = placeKoffi(join(folder, "work/koffi"));
      cpSync("node_modules/koffi/index.cjs", join(linked, "index.cjs"));
      placeBinary(join(linked, "node_modules", BINARY));
      link(linked, join(app, "node_modules/koffi"));
      expect(run(node, app)).toEqual(taken);
    });

    it.skipIf(!isRoot)("runs nothing that another user put beside or above a linked one", () => {
      const app = join(folder, "app");
      placeLethe(join(app, "node_modules/lethe"));
      const shared = join(folder, "shared");
      const linked = placeKoffi(join(shared, "koffi"));
      cpSync("node_modules/koffi/index.cjs", join(linked, "index.cjs"));
      link(linked, join(app, "node_modules/koffi"));
      const mark = join(folder, "planted");
      const planted = `require("fs").writeFileSync(${JSON.stringify(mark)}, "ran");`;
      const places = [
        join(shared, BINARY, `linux_${process.arch}/koffi.node/index.js`),
        join(shared, "node_modules", BINARY, "index.js"),
      ];
      for (const path of places) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, planted);
      }
      spawnSync("/bin/chown", [
        "-R",
        `${NOBODY}`,
        join(shared, "@koromix"),
        join(shared, "node_modules"),
      ]);
      chmodSync(shared, 0o1777);
      const { memory, reasons } = run(node, app);
      expect(existsSync(mark)).toBe(false);
      // Node 26 has FFI itself, which is taken before heap memory.
      if (node !== "node-26") expect(memory).toBe("heap");
      const { reasons: said } =
        node === "node-26" ? run(node, app, ["--no-experimental-ffi"]) : { reasons };
      expect(said.join()).toContain("belongs to another user (65534)");
    });

    it("is loaded under the permission model with its addons and its files, and else says what to grant", () => {
      plain(folder);
      const files = [`--allow-fs-read=${folder}/*`, `--allow-fs-read=${folder}`];
      expect(run(node, folder, ["--permission", "--allow-addons", ...files])).toEqual(taken);
      const own = join(folder, "node_modules/koffi/index.cjs");
      cpSync("node_modules/koffi/index.cjs", own); // which says why no binary loads
      const locked = run(node, folder, ["--permission", ...files]);
      expect([locked.memory, locked.reasons[0]]).toEqual([
        "heap",
        expect.stringContaining("start it with --allow-addons beside --permission"),
      ]);
      expect(locked.reasons[0]).toContain("(ERR_DLOPEN_DISABLED)");
      const some = ["main.mjs", "node_modules/lethe", "package.json"].map(
        (path) => `--allow-fs-read=${join(folder, path)}`,
      );
      const blind = run(node, folder, ["--permission", "--allow-addons", ...some]);
      expect([blind.memory, blind.reasons[0]]).toEqual([
        "heap",
        expect.stringContaining("(ERR_ACCESS_DENIED); grant reading of node_modules"),
      ]);
    });

    it.skipIf(!canMount)("is loaded from node_modules that nobody can write to", () => {
      plain(folder);
      const modules = JSON.stringify(join(folder, "node_modules"));
      const script = `mount --bind ${modules} ${modules} && mount -o remount,bind,ro ${modules} && exec "$@"`;
      expect(
        run(node, folder, [], ["/usr/bin/unshare", "-m", "/bin/sh", "-c", script, "sh"]),
      ).toEqual(taken);
    });

    it.skipIf(!canDrop)("is loaded by a user who may only read it", () => {
      plain(folder);
      spawnSync("/bin/chmod", ["-R", "a-w,a+rX", join(folder, "node_modules")]);
      const drop = [
        "/usr/bin/setpriv",
        "--reuid",
        `${NOBODY}`,
        "--regid",
        `${NOBODY}`,
        "--clear-groups",
      ];
      const bin = resolve(`node_modules/${node}/bin/node`);
      if (spawnSync(drop[0] ?? "", [...drop.slice(1), bin, "--version"]).status !== 0) return;
      expect(run(node, folder, [], drop).memory).toMatch(/^(?:secretmem|pages)$/);
    });
  },
);

it.skipIf(missing !== null)("what is copied here is the koffi that Lethe calls", () => {
  expect(JSON.parse(readFileSync("node_modules/koffi/package.json", "utf8")).main).toBe(
    "./index.cjs",
  );
});
