/** The programs of README and of the tour, type-checked under each compiler, resolution mode and set of ambient types. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DOORS } from "../../tools/doors.ts";
import { Project } from "./project.ts";
import { install, why } from "./tools.ts";

const tools = install(
  "@types/bun",
  "@types/node",
  "typescript-5.7",
  "typescript-5.9",
  "typescript-7",
);

const TYPESCRIPTS = ["typescript-5.7", "typescript-5.9", "typescript-7"];

/** What decides about resolution. */
const MODES: Readonly<Record<string, object>> = {
  nodenext: { module: "nodenext" },
  node16: { module: "node16" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
  preserve: { module: "preserve" },
};

/** The least lib, and the ambient types of a project. */
const LIBS: Readonly<Record<string, object>> = {
  "the least lib": { lib: ["es2022", "esnext.disposable"], types: [] },
  "the lib of a page": { lib: ["esnext", "dom"], types: [] },
  "@types/node": { lib: ["esnext"], types: ["node"] },
  "@types/bun": { lib: ["esnext"], types: ["bun"] },
};

const COMMON = { target: "es2022", strict: true, noEmit: true, skipLibCheck: false };

/** Programs that a project has to be able to take over as they are. */
const [FIRST, SECOND] = ["README.md", "docs/tour.md"].map(
  (path) => /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(path, "utf8"))?.[1] ?? "",
) as [string, string];

/** What must be wrong: nothing may have become `any`. */
const WRONG = `import { openSecrets, type SecretBuffer } from "lethe";
import { openCrypto } from "lethe/crypto";
import { openCustodian } from "lethe/custodian";
import { openKeyFiles } from "lethe/key-files";
import { promptSecret } from "lethe/prompt";
const secrets = openSecrets();
const key: SecretBuffer = secrets.random(32);
const length: number = key.expose((bytes) => bytes.length);
// @ts-expect-error it is not a string
const text: string = key.expose((bytes) => bytes.length);
// @ts-expect-error a string cannot be wiped
secrets.move("text");
// @ts-expect-error it is not a secret
openCrypto(secrets).encrypt(secrets, new Uint8Array(3));
// @ts-expect-error it takes a length
openKeyFiles(secrets).create("/key");
// @ts-expect-error a promise, and no string
const typed: string = await promptSecret(secrets, "Password: ");
// @ts-expect-error it takes the name first
await (await openCustodian()).prompt(1, "Password: ");
export { length, text, typed };
`;

/** Each door, with all the types that it leads to. */
const EVERY_DOOR = Object.keys(DOORS)
  .filter((door) => door !== "./custodian-program")
  .map((door, index) => `export type * as door${index} from "lethe${door.slice(1)}";\n`)
  .join("");

/** What the programs take of the web, for a project without its types. */
const GLOBALS = `declare const console: { log(...values: unknown[]): void };
declare class TextEncoder { encode(text: string): Uint8Array; }
`;

const TIMEOUT = 240_000;

describe.skipIf(tools.missing !== null)(`types${why(tools)}`, { timeout: TIMEOUT }, () => {
  let project: Project;
  beforeAll(() => {
    project = new Project(tools);
    project.write("package.json", '{ "type": "module" }');
    project.write("first.ts", FIRST);
    project.write("second.ts", SECOND);
    project.write("wrong.ts", WRONG);
    project.write("doors.ts", EVERY_DOOR);
    project.write("globals.d.ts", GLOBALS);
  });
  afterAll(() => project.remove());

  const FILES = ["first.ts", "second.ts", "wrong.ts"];

  /** What a compiler says of the files; of its own and other packages' types it says much. */
  function errors(typescript: string, options: object, files: readonly string[] = FILES): string {
    const compilerOptions = { ...COMMON, ...options };
    project.write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
    const said = project.tryRun(["node 24", `node_modules/${typescript}/bin/tsc`, "-p", "."]);
    return said
      .split("\n")
      .filter((line) => /error TS/.test(line) && !/^\S*node_modules\/(?!lethe\/)/.test(line))
      .join("\n");
  }

  const combinations = TYPESCRIPTS.flatMap((typescript) =>
    Object.keys(MODES).map((mode) => [typescript, mode] as const),
  );

  it.each(combinations)("of these programs under %s, %s", (typescript, mode) => {
    for (const [name, lib] of Object.entries(LIBS)) {
      const files = name === "the least lib" ? [...FILES, "globals.d.ts"] : FILES;
      expect(errors(typescript, { ...MODES[mode], ...lib }, files), name).toBe("");
    }
  });

  it.each(TYPESCRIPTS)("are those of each runtime by its condition, under %s", (typescript) => {
    for (const condition of ["node", "deno", "bun", "browser", "workerd"]) {
      const options = {
        ...MODES["bundler"],
        ...LIBS["@types/node"],
        customConditions: [condition],
      };
      expect(errors(typescript, options), condition).toBe("");
    }
  });

  it.each(["typescript-5.9", "typescript-7"])("are there for require, under %s", (typescript) => {
    project.write("required.cts", FIRST);
    const options = { module: "nodenext", ...LIBS["@types/node"] };
    expect(errors(typescript, options, ["required.cts"])).toBe("");
  });

  it.each(TYPESCRIPTS)("need no ambient types behind any door, under %s", (typescript) => {
    for (const mode of Object.values(MODES)) {
      expect(errors(typescript, { ...mode, ...LIBS["the least lib"] }, ["doors.ts"])).toBe("");
    }
  });

  it("are missed by a lib without Disposable, which the compiler says", () => {
    const options = { ...MODES["bundler"], lib: ["es2022"], types: [] };
    const said = errors("typescript-7", options, [...FILES, "globals.d.ts"]);
    expect(said).toMatch(/Cannot find name 'Disposable'/);
  });

  it("are checked by Deno", () => {
    if (project.has("tsconfig.json")) project.delete("tsconfig.json"); // Deno would read it
    const said = project.run(["deno", "check", ...FILES]);
    expect(said).not.toContain("error");
  });
});
