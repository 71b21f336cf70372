import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installLethe } from "../../testing/features/custodian/installed.ts";
import { INSTALLED, MISSING, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";

const missing =
  MISSING ?? (process.getuid?.() === 0 ? null : "this takes root, who gives files away");
const notRun = missing === null ? "" : `NOT RUN, ${missing}: `;
const SOMEBODY = 65_533;
const NOBODY = 65_534;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-foreign-"));
  chmodSync(folder, 0o777);
  if (missing !== null) return;
  mkdirSync(join(folder, "shared/project"), { recursive: true });
  writeFileSync(join(folder, "log"), "");
  chownSync(join(folder, "log"), SOMEBODY, SOMEBODY);
  installLethe(join(folder, "shared/project"));
  // As after `npm install --omit=optional`.
  rmSync(join(folder, "shared/project/node_modules/sodium-native"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts native modules into a `node_modules`, which then belongs to that user. */
function plant(place: string, user: number): void {
  for (const name of ["koffi", "sodium-native"]) {
    const file = join(place, name, "index.js");
    mkdirSync(dirname(file), { recursive: true });
    const write = `process.getBuiltinModule("node:fs").appendFileSync`;
    writeFileSync(file, `${write}(${JSON.stringify(join(folder, "log"))}, "${name} ");\n`);
  }
  chownSync(place, user, user);
}

/** Opens secrets in the project as another user, in the memory of sodium-native: @returns what it said */
function opened(name: string): string {
  const kind = name.startsWith("node") ? "node" : name;
  const module = join(folder, `shared/project/node_modules/lethe/dist/adapters/${kind}/mod.js`);
  const program = join(folder, "shared/project/app.mjs");
  const source = `import { openSecrets } from ${JSON.stringify(module)};
console.log(JSON.stringify(openSecrets().passedOver));
try { openSecrets({ memory: "sodium" }); } catch ({ code, message }) { console.log(code, message); }`;
  writeFileSync(program, source);
  const [file = "", ...words] = RUNTIMES[name] ?? [];
  const env = { HOME: folder, DENO_DIR: join(folder, "deno") };
  const as = ["--reuid", `${SOMEBODY}`, "--regid", `${SOMEBODY}`, "--clear-groups", "--"];
  const command = [...as, file, ...words, ...(kind === "node" ? ["--no-warnings"] : []), program];
  const { stdout, stderr } = spawnSync("/usr/bin/setpriv", command, { env, encoding: "utf8" });
  return `${stdout}${stderr}`;
}

const ran = (): string => readFileSync(join(folder, "log"), "utf8");
const CHOSEN = INSTALLED.filter((name) => SOAK || name === "node-24");

describe.skipIf(missing !== null).each(CHOSEN)(`${notRun}on %s, a native module`, (name) => {
  const above = (): string => join(folder, "shared/node_modules");

  it("that another user puts above the program is not loaded, and the reason names the folder", () => {
    plant(above(), NOBODY);
    const said = opened(name);
    expect(ran()).toBe("");
    const reason = `it is not taken: ${above()} belongs to another user (${NOBODY}); install it`;
    expect(said).toContain("ERR_LETHE_UNAVAILABLE Cannot load sodium-native: ");
    expect(said).toContain(reason);
  });

  it.skipIf(!SOAK)(
    "in a folder that everybody can write to, or a link to one, is not loaded",
    () => {
      plant(above(), 0);
      chmodSync(above(), 0o777);
      expect(opened(name)).toContain(`it is not taken: everybody can write to ${above()}; install`);
      rmSync(above(), { recursive: true });
      plant(join(folder, "elsewhere"), NOBODY);
      symlinkSync(join(folder, "elsewhere"), above());
      expect(opened(name)).toContain(`${above()} belongs to another user (${NOBODY}); install`);
      expect(ran()).toBe("");
    },
  );

  it.skipIf(!SOAK)("behind an empty folder of its name is not loaded either", () => {
    mkdirSync(join(folder, "shared/project/node_modules/koffi"));
    mkdirSync(join(folder, "shared/project/node_modules/sodium-native"));
    plant(above(), NOBODY);
    opened(name);
    expect(ran()).toBe("");
  });

  it.skipIf(!SOAK)("that root or this user put above the program is loaded", () => {
    for (const user of [0, SOMEBODY]) {
      plant(above(), user);
      expect([opened(name), ran()]).toEqual([
        expect.anything(),
        expect.stringContaining("sodium-native"),
      ]);
      writeFileSync(join(folder, "log"), "");
    }
  });
});
