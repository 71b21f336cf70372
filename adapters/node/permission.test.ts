import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, it } from "vitest";
import { atHand } from "../../testing/built.ts";

// FFI goes past Node's permission model. Lethe does no more by it than the model allows.

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "lethe-permission-")));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Makes a key file in a process with native addons that may read everything, and write there or nowhere. */
function create(path: string, ...permissions: readonly string[]): string {
  const program = `
    import { writeSync } from "node:fs";
    import { openKeyFiles, openSecrets } from ${JSON.stringify(atHand("adapters/node/mod.ts"))};
    let said;
    try {
      const secrets = openSecrets();
      openKeyFiles(secrets, { onMisuse: "throw" }).createAndRead(${JSON.stringify(path)}, 32);
      said = "made with " + secrets.memory;
    } catch (error) { said = error.code + " " + error.message; }
    writeSync(1, said);`;
  const flags = ["--permission", "--allow-addons", "--allow-fs-read=*", ...permissions];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--no-warnings", ...flags, "--input-type=module", "--eval", program],
    { encoding: "utf8" },
  );
  return `${stdout}${stderr}`;
}

it("a key file is made where the permission model lets this process write, and nowhere else", () => {
  const path = join(folder, "key");
  expect(create(path)).toBe(
    "ERR_LETHE_KEY_DENIED Cannot open the directory of a key file: it needs --allow-fs-write for it",
  );
  expect(readdirSync(folder)).toEqual([]);
  expect(create(path, `--allow-fs-write=${folder}/*`)).toMatch(
    /^made with (secretmem|pages|sodium)/,
  );
  expect(existsSync(path)).toBe(true);
  expect(create(join(folder, "other"), `--allow-fs-write=${path}`)).toContain("--allow-fs-write");
  expect(readdirSync(folder)).toEqual(["key"]);
});

/** What comes of `expression` in a process under the permission model. */
function refusal(expression: string, ...permissions: readonly string[]): string {
  const program = `
    import { writeSync } from "node:fs";
    import { openSecrets, readSecret } from ${JSON.stringify(atHand("adapters/node/mod.ts"))};
    let said;
    try { said = await ${expression}; } catch (error) { said = error.message; }
    writeSync(1, String(said));`;
  const flags = ["--permission", "--allow-addons", ...permissions, "--input-type=module"];
  const { stdout } = spawnSync(process.execPath, ["--no-warnings", ...flags, "--eval", program], {
    encoding: "utf8",
  });
  return stdout;
}

it("names the permission that a program, and a native module, lacks", () => {
  const exec = 'readSecret(openSecrets(), "exec:/bin/echo hi")';
  expect(refusal(exec, "--allow-fs-read=*")).toMatch(
    /it did not start \(ERR_ACCESS_DENIED\); Node.js was started with --permission: add --allow-child-process$/,
  );
  const sodium = 'openSecrets({ memory: "sodium" })';
  expect(refusal(sodium, `--allow-fs-read=${realpathSync(process.cwd())}`)).toContain(
    "it may not read /etc/alpine-release (ERR_ACCESS_DENIED); grant that",
  );
});
