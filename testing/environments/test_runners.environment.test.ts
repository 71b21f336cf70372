/** Lethe inside tests of other people, under each test runner and each of its environments. */

import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SOAK } from "../tier.ts";
import { documented } from "./documented.ts";
import { everything, expectReport, outOfPlace, PROBE } from "./probe.ts";
import { Project } from "./project.ts";
import { install, NODES, why } from "./tools.ts";

const jest = install("jest", "jest-environment-jsdom");
const vitest = install("happy-dom", "jsdom", "vite", "vitest");

/** A test as people write them; what it prints is the report. */
const TEST = `
test("Lethe is used", async () => {
  const report = await probe();
  console.log("LETHE " + JSON.stringify(report));
}, 120_000);
`;

const TEXT = `
import { openSecrets } from "lethe";
import { dangerouslyExposeString } from "lethe/dangerous";
import { openEtcdStore } from "lethe/stores";
test("text is made", () => {
  const token = openSecrets({ memory: "heap" }).move(Uint8Array.from([116, 111, 107, 101, 110]));
  const text = dangerouslyExposeString(token, String);
  const stores = typeof openEtcdStore === "function";
  console.log("LETHE " + JSON.stringify({ globals: typeof TextDecoder, text, stores }));
});
`;

const TIMEOUT = 240_000;

/** Writes the files of a section of docs/bundling.md, and gives its only command. */
function follow(project: Project, heading: string): readonly string[] {
  const { files, commands } = documented(heading);
  for (const [path, text] of Object.entries(files)) project.write(path, text);
  const [command = []] = commands;
  return command;
}

describe.skipIf(jest.missing !== null)(`jest${why(jest)}`, { timeout: TIMEOUT }, () => {
  let project: Project;
  beforeAll(() => {
    project = new Project(jest);
    project.write("probe.mjs", PROBE);
    project.write("use.test.mjs", `import { probe } from "./probe.mjs";${TEST}`);
  });
  afterAll(() => project.remove());

  it.each(NODES)("has everything in its environment node, as documented, on %s", (runtime) => {
    const command = follow(project, "jest");
    expectReport(project.reportOf(command, { runtime }), everything("node"));
  });

  it("has everything in jsdom, as documented", () => {
    const command = follow(project, "jest with jsdom");
    expectReport(project.reportOf(command), everything("node"));
  });

  it("makes text in jsdom, which has no global coders of it", () => {
    project.write("use.test.mjs", TEXT);
    const command = follow(project, "jest with jsdom");
    expect(project.reportOf(command)).toEqual({
      globals: "undefined",
      text: "token",
      stores: true,
    });
    project.write("use.test.mjs", `import { probe } from "./probe.mjs";${TEST}`);
  });

  it("has a page's memory in jsdom without that, and says why", () => {
    follow(project, "jest");
    const command = [...(documented("jest").commands[0] ?? []), "--env=jsdom"];
    expectReport(project.reportOf(command), outOfPlace("browser", "node"));
  });
});

/** A library of others, as it would be published: without types. */
const LIBRARY = stripTypeScriptTypes(
  readFileSync("testing/core/standard/sealed_cookies.ts", "utf8"),
);
const STANDARD = `
import { openSecrets } from "lethe";
import { openCookie, sealCookie } from "./sealed_cookies.mjs";
const node = (name) => process.getBuiltinModule(name); // what jsdom leaves out
globalThis.TextEncoder ??= node("node:util").TextEncoder;
globalThis.TextDecoder ??= node("node:util").TextDecoder;
if (globalThis.crypto?.subtle === undefined) {
  Object.defineProperty(globalThis, "crypto", { value: node("node:crypto").webcrypto });
}
test("passes between the realms", async () => {
  const secret = openSecrets().random(32);
  const cookie = await sealCookie(secret, "user=7");
  const opened = [await openCookie(openSecrets().adopt(secret), cookie)];
  const lender = { "~secret": { version: 1, vendor: "test", byteLength: 3, expose: (use) => use(Uint8Array.of(1, 2, 3)) } };
  opened.push(openSecrets().adopt(lender).byteLength);
  console.log("LETHE " + JSON.stringify({ opened }));
}, 120_000);
`;

describe.skipIf(jest.missing !== null)(
  `what passes between a test of jest and Lethe${why(jest)}`,
  { timeout: TIMEOUT },
  () => {
    it.each(["jest", "jest with jsdom"])("is all that is lent, in %s", (heading) => {
      const project = new Project(jest);
      project.write("sealed_cookies.mjs", LIBRARY);
      project.write("use.test.mjs", STANDARD);
      const report: unknown = project.reportOf(follow(project, heading));
      expect(report).toEqual({ opened: ["user=7", 3] });
      project.remove();
    });
  },
);

describe.skipIf(vitest.missing !== null)(`vitest${why(vitest)}`, { timeout: TIMEOUT }, () => {
  let project: Project;
  beforeAll(() => {
    project = new Project(vitest);
    project.write("probe.mjs", PROBE);
    project.write(
      "use.test.mjs",
      `import { test } from "vitest";\nimport { probe } from "./probe.mjs";${TEST}`,
    );
  });
  afterAll(() => project.remove());

  const POOLS = ["forks", "threads", "vmForks", "vmThreads"];
  const cases = ["node", "jsdom", "happy-dom"].flatMap((environment) =>
    POOLS.map((pool) => [environment, pool] as const),
  );

  it.each(cases)("has everything in %s, %s", (environment, pool) => {
    const [program = "", ...words] = documented("vitest").commands[0] ?? [];
    const command = [program, ...words, `--environment=${environment}`, `--pool=${pool}`];
    expectReport(project.reportOf(command), everything("node"));
  });

  it("has everything when it transforms Lethe, too", () => {
    const command = follow(project, "vitest that transforms Lethe");
    expectReport(project.reportOf(command), everything("node"));
  });
});

describe("a runtime's own test runner", { timeout: TIMEOUT }, () => {
  const OWN: readonly (readonly [string, readonly string[], string])[] = [
    ["node 24", ["node 24", "--test", "--test-reporter=spec", "use.test.mjs"], "node:test"],
    ["deno", ["deno", "test", "--allow-all", "--no-check", "use.test.mjs"], "node:test"],
    ["bun", ["bun", "test", "use.test.mjs"], "bun:test"],
  ];
  it.skipIf(!SOAK).each(OWN)("of %s has everything (in the soak)", (runtime, command, module) => {
    const project = new Project();
    project.write("probe.mjs", PROBE);
    const test = TEST.replace(", 120_000", module === "bun:test" ? ", 120_000" : "");
    project.write(
      "use.test.mjs",
      `import { test } from "${module}";\nimport { probe } from "./probe.mjs";${test}`,
    );
    const [kind = ""] = runtime.split(" ");
    expectReport(project.reportOf(command, { runtime }), everything(kind));
    project.remove();
    expect(kind).not.toBe("");
  });
});
