import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  INSTALLED,
  MISSING,
  NOT_RUN,
  Pty,
  ROOT,
  RUNTIMES,
  SOAK,
} from "../../../testing/features/prompt/pty.ts";

const [DENO = ""] = RUNTIMES["deno"] ?? [];
const RUN = `--allow-run=${DENO}`;
const COVERAGE = "--allow-env=NODE_V8_COVERAGE";

/** Imported as it stands: what a program computes, Deno asks the permission to read for. */
const PROGRAM = `import { hardenProcess, openCustodian } from "${ROOT}adapters/deno/mod.ts";
try {
  if (Deno.args[0] === "harden") {
    console.log(JSON.stringify({ end: hardenProcess({ diesWithParent: 1 }) }));
  } else {
    const custodian = await openCustodian();
    console.log(JSON.stringify({ end: await custodian.close() }));
  }
} catch ({ code, message }) {
  console.log(JSON.stringify({ code, message }));
}
`;

let folder = "";
let pty: Pty | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-permissions-"));
  writeFileSync(join(folder, "program.ts"), PROGRAM);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => pty?.close());

/** What an application says that has these permissions, at a terminal at which Deno would ask for more. */
async function said(permissions: readonly string[], what: string): Promise<string> {
  const program = join(folder, "program.ts");
  pty = new Pty([DENO, "run", "--no-check", ...permissions, program, what], { NO_COLOR: "1" });
  await Promise.race([pty.saw(/\{.*\}/), pty.saw(/Deno requests|┏/)]);
  expect(pty.text).not.toMatch(/Deno requests|┏/);
  return pty.text;
}

describe.skipIf(MISSING !== null || !SOAK)(`${NOT_RUN}Deno asks nothing at`, () => {
  it.each([
    [[], `it takes ${RUN} and ${COVERAGE}`],
    [[RUN], `it takes ${COVERAGE}`],
    [[COVERAGE], `it takes ${RUN}`],
    [["--allow-env"], `it takes ${RUN}`],
    [[RUN, COVERAGE], "--allow-ffi"],
    [[RUN, COVERAGE, "--allow-ffi"], "--allow-read"],
  ])("openCustodian with %j, which names what is missing", async (permissions, missing) => {
    const text = await said(permissions, "open");
    expect(text).toContain('"code":"ERR_LETHE_UNAVAILABLE"');
    expect(text).toContain(missing);
  });

  it("openCustodian with what the documentation names, which opens", async () => {
    const text = await said([RUN, COVERAGE, "--allow-ffi", "--allow-read"], "open");
    expect(text).toContain('"end":{"code":0,"signal":null}');
  });

  it.each([
    [[], /"not-dumpable":\{"outcome":"not-done".*takes --allow-ffi/],
    [["--allow-ffi"], /"not-dumpable":\{"outcome":"done","verified":true/],
    [["--allow-ffi", "--allow-read"], /"no-inspector":\{"outcome":"not-done".*--allow-sys=insp/],
    [["--allow-sys=inspector"], /"no-inspector":\{"outcome":"done","verified":true/],
  ])("hardenProcess with %j, which says what is not done", async (permissions, step) => {
    expect(await said(permissions, "harden")).toMatch(step);
  });
});

const NODES = INSTALLED.filter((name) => SOAK && name.startsWith("node"));

describe.skipIf(!SOAK).each(NODES)("%s under its permission model", (name) => {
  const [file = ""] = RUNTIMES[name] ?? [];
  /** sodium-native looks for the second. */
  const FEWEST = [
    "--allow-addons",
    `--allow-fs-read=${ROOT}*`,
    "--allow-fs-read=/etc/alpine-release",
  ];

  /** The runtime's own file is one that the application may not read. */
  function opened(...permissions: readonly string[]): string {
    const runtime = join(folder, name);
    copyFileSync(file, runtime);
    const program = `${ROOT}testing/features/custodian/reporter.ts`;
    const words = ["--permission", ...permissions, "--no-warnings", program, "{}"];
    const { stdout, stderr } = spawnSync(runtime, words, { encoding: "utf8", env: {} });
    rmSync(runtime);
    return `${stdout}${stderr}`;
  }

  it("has a custodian with the permissions to load addons and to start it", () => {
    expect(opened(...FEWEST, "--allow-child-process")).toContain('"end":{"code":0,"signal":null}');
  });

  it("is told which one is missing", () => {
    expect(opened(...FEWEST)).toMatch(
      /"ERR_LETHE_CUSTODIAN".*\(ERR_ACCESS_DENIED\); Node.js was started with --permission: add --allow-child-process/,
    );
  });
});
