import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Registry, serveNpm } from "../../../testing/environments/registries.ts";
import { installLethe } from "../../../testing/features/custodian/installed.ts";
import { INSTALLED, MISSING, RUNTIMES, SOAK } from "../../../testing/features/prompt/pty.ts";

/** Packages come from the registry that npm is set to, Lethe itself from this process. */
const [DENO = ""] = RUNTIMES["deno"] ?? [];
const npm = (folder: string, ...words: readonly string[]): string => {
  const result = spawnSync("npm", words, { cwd: folder, encoding: "utf8", timeout: 120_000 });
  if (result.status !== 0) throw new Error(result.stderr);
  return result.stdout.trim();
};

const OPEN = `
const custodian = await openCustodian();
await custodian.generate("key", "key");
console.log("opened", custodian.report.runtime, (await custodian.close()).code);
`;

let folder = "";
let tarball = "";
let server: Registry | undefined;
let registry = "";
beforeAll(async () => {
  if (!SOAK || MISSING !== null) return;
  folder = mkdtempSync(join(tmpdir(), "lethe-package-"));
  mkdirSync(join(folder, "source"));
  installLethe(join(folder, "source"));
  const home = join(folder, "source/node_modules/lethe");
  tarball = join(folder, npm(home, "pack", "--ignore-scripts", "--pack-destination", folder));
  server = await serveNpm(tarball, npm(folder, "config", "get", "registry"));
  registry = server.address;
}, 120_000);
afterAll(() => {
  server?.close();
  if (folder !== "") rmSync(folder, { recursive: true });
});

async function run(
  where: string,
  command: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): Promise<string> {
  const [file = "", ...words] = command;
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env = { ...inherited, HOME: folder, NO_COLOR: "1", ...variables };
  const child = spawn(file, words, { cwd: where, env });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      text += chunk;
    });
  }
  await new Promise((resolve) => child.once("close", resolve));
  return text;
}

describe.skipIf(!SOAK || MISSING !== null)(
  "Lethe as a package of Deno",
  { timeout: 120_000 },
  () => {
    it.each([
      ["its own cache, without node_modules", "none"],
      ["a node_modules that Deno made", "auto"],
    ])("in %s has a custodian", async (_, mode) => {
      const project = join(folder, `deno-${mode}`);
      mkdirSync(project);
      writeFileSync(
        join(project, "app.mjs"),
        `import { openCustodian } from "npm:lethe/custodian";${OPEN}`,
      );
      const words = ["run", "-A", "--no-check", `--node-modules-dir=${mode}`, "app.mjs"];
      const variables = { DENO_DIR: join(folder, "deno_dir"), NPM_CONFIG_REGISTRY: registry };
      expect(await run(project, [DENO, ...words], variables)).toMatch(/opened deno .* 0\n$/);
    });
  },
);

describe.skipIf(!SOAK || MISSING !== null)(
  "Lethe under Yarn's Plug'n'Play",
  { timeout: 120_000 },
  () => {
    let yarn = "";
    const project = (): string => join(folder, "pnp");
    beforeAll(async () => {
      mkdirSync(join(folder, "yarn"));
      writeFileSync(join(folder, "yarn/package.json"), "{}");
      npm(join(folder, "yarn"), "install", "--no-audit", "--no-fund", "@yarnpkg/cli-dist");
      yarn = join(folder, "yarn/node_modules/@yarnpkg/cli-dist/bin/yarn.js");
      mkdirSync(project());
      const dependencies = { lethe: `file:${tarball}` };
      writeFileSync(
        join(project(), "package.json"),
        JSON.stringify({ type: "module", dependencies }),
      );
      writeFileSync(join(project(), "yarn.lock"), "");
      writeFileSync(
        join(project(), ".yarnrc.yml"),
        `nodeLinker: pnp\nenableGlobalCache: false\nenableTelemetry: false\nunsafeHttpWhitelist: [localhost]
npmRegistryServer: ${registry}\n`,
      );
      writeFileSync(
        join(project(), "app.mjs"),
        `import { openCustodian } from "lethe/custodian";${OPEN}`,
      );
      const [node = ""] = RUNTIMES["node-24"] ?? [];
      const said = await run(project(), [node, yarn, "install"], {
        YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
      });
      expect(said).toMatch(/Done/);
    }, 120_000);

    it.each(INSTALLED.filter((name) => name.startsWith("node")))(
      "has a custodian on %s, whose loader is the application's",
      async (name) => {
        const [node = ""] = RUNTIMES[name] ?? [];
        expect(await run(project(), [node, yarn, "node", "app.mjs"])).toMatch(
          /opened node .* 0\n$/,
        );
      },
    );
  },
);
