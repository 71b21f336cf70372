/** The packed package, installed by each package manager in its own layout. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { everything, expectReport } from "./probe.ts";
import { Project, tarball } from "./project.ts";
import { install, NODES, why } from "./tools.ts";

const tools = install("@yarnpkg/cli-dist", "pnpm");
const TIMEOUT = 240_000;

/** How this machine reaches its registry: certificates, proxies, the settings of npm. */
function network(): Readonly<Record<string, string>> {
  const { stdout } = spawnSync("npm", ["config", "get", "registry"], { encoding: "utf8" });
  const own = Object.entries(process.env).filter(([name]) =>
    /^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|npm_config_\w+|\w+_proxy)$/i.test(name),
  );
  return {
    ...(Object.fromEntries(own) as Record<string, string>),
    YARN_NPM_REGISTRY_SERVER: stdout.trim(),
    npm_config_registry: stdout.trim(),
  };
}

describe.skipIf(tools.missing !== null)(
  `a package manager${why(tools)}`,
  { timeout: TIMEOUT },
  () => {
    const environment = network();
    let project: Project;
    beforeEach(() => {
      project = new Project(tools);
      project.delete("node_modules");
      const dependencies = { lethe: `file:${tarball()}` };
      project.write("package.json", JSON.stringify({ private: true, dependencies }));
    });
    afterEach(() => project.remove());

    const yarn = ["node 24", join(tools.modules, "@yarnpkg/cli-dist/bin/yarn.js")];
    const settings = (linker: string): string =>
      `nodeLinker: ${linker}\nenableTelemetry: false\nenableGlobalCache: false\nenableImmutableInstalls: false\n`;

    it("npm gives everything", () => {
      project.run(["npm", "install", "--no-audit", "--no-fund"], { environment });
      expectReport(project.report("main.mjs"), everything("node"));
    });

    it("pnpm gives everything, out of its links", () => {
      expect(project.tryRun(["pnpm", "install"], { environment })).toContain("koffi");
      project.write("pnpm-workspace.yaml", "allowBuilds:\n  koffi: false\n");
      project.run(["pnpm", "install"], { environment });
      expect(project.has("node_modules/.pnpm")).toBe(true);
      expectReport(project.report("main.mjs"), everything("node"));
    });

    it("Yarn gives everything, in node_modules", () => {
      project.write(".yarnrc.yml", settings("node-modules"));
      project.write("yarn.lock", "");
      project.run([...yarn, "install"], { environment });
      expectReport(project.report("main.mjs"), everything("node"));
    });

    it("Yarn gives everything, by Plug'n'Play", () => {
      project.write(".yarnrc.yml", settings("pnp"));
      project.write("yarn.lock", "");
      project.run([...yarn, "install"], { environment });
      expect(project.has("node_modules")).toBe(false);
      for (const runtime of NODES) {
        const [, script = ""] = yarn;
        const report = project.reportOf([runtime, script, "node", "main.mjs"], { runtime });
        expectReport(report, everything("node"));
      }
    });

    it("Bun gives everything", () => {
      project.run(["bun", "install"], { environment });
      expectReport(project.report("main.mjs", { runtime: "bun" }), everything("bun"));
    });
  },
);
