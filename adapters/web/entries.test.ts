import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { SOAK } from "../../testing/tier.ts";

const PROGRAM = fileURLToPath(new URL("../../testing/adapters/web/use_entry.ts", import.meta.url));

const RUNTIMES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "node 22": ["node_modules/node-22/bin/node"],
  "node 24": ["node_modules/node-24/bin/node"],
  "node 26": ["node_modules/node-26/bin/node"],
  deno: ["node_modules/.bin/deno", "run", "--allow-all"],
  bun: ["node_modules/.bin/bun"],
};

/** Entries by the folder and name of their module, and what each says of how it was taken. */
const WEB: Readonly<Record<string, string>> = {
  "web/by_browser": '"lethe" by the condition "browser" is Lethe for web',
  "web/by_default": '"lethe" by the condition "default" is Lethe for web',
  "workerd/main": '"lethe" by the condition "workerd" is Lethe for workerd',
  "web/mod": '"lethe/web" is Lethe for web',
  "workerd/mod": '"lethe/workerd" is Lethe for workerd',
};

/** The doors of features of servers, as the web has them. */
const FEATURES = ["key_files", "prompt", "custodian", "process"].map((name) => `web/doors/${name}`);
const OF_SERVERS = ["openKeyFiles", "promptSecret", "openCustodian", "wipeOnExit", "hardenProcess"];

interface Told {
  readonly memory: string;
  readonly passedOver: readonly { readonly memory: string; readonly reason: string }[];
  readonly told: Readonly<Record<string, string>>;
}

function use(runtime: string, entry: string): Told {
  const [program, ...flags] = RUNTIMES[runtime] ?? [""];
  const entries = entry in WEB ? [entry, ...FEATURES] : [entry];
  const modules = entries.map((name) => `../../../adapters/${name}.ts`);
  const parameters = [...flags, PROGRAM, ...modules];
  const { stdout, stderr } = spawnSync(program, parameters, { encoding: "utf8", input: "" });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Told;
}

/** `npm run soak` takes every runtime and every entry. */
const daily = (entry: string): boolean => SOAK || entry === "web/by_browser" || entry === "deno";
const runtimes = Object.keys(RUNTIMES).filter(
  (name) => existsSync(RUNTIMES[name]?.[0] ?? "") && (SOAK || name === "node 24"),
);

describe.each(runtimes)("an entry that is out of its place on %s", (runtime) => {
  const [kind = ""] = runtime.split(" ");
  const way = `import "lethe/${kind}", or resolve "lethe" by the condition "${kind}"`;

  it.each(Object.keys(WEB).filter(daily))("%s: says so, and the way out", (entry) => {
    const { memory, passedOver, told } = use(runtime, entry);
    expect([memory, ...passedOver.map((passed) => passed.memory)]).toEqual([
      "heap",
      "secretmem",
      "pages",
      "sodium",
    ]);
    const reason = `${WEB[entry]}, and this is ${kind} `;
    for (const { reason: said } of passedOver) {
      expect(said).toContain(reason);
      expect(said).toContain(way);
    }
    for (const what of ["secretmem", "sodium", "openCrypto", "seal", ...OF_SERVERS]) {
      const by = OF_SERVERS.includes(what)
        ? `" by a condition for the web is Lethe for web`
        : reason;
      expect(told[what], what).toMatch(/^LetheError ERR_LETHE_UNAVAILABLE: Cannot /);
      expect(told[what], what).toContain(by);
      expect(told[what], what).toContain(way);
    }
  });

  it.each(["node", "deno", "bun"].filter((name) => name !== kind))(
    "%s: says so for what it does not have, and has the rest",
    (other) => {
      const { passedOver, told } = use(runtime, `${other}/mod`);
      const reason = `this entry is Lethe for ${other}, and this is ${kind} `;
      for (const name of ["secretmem", "pages"]) {
        const passed = passedOver.find(({ memory }) => memory === name);
        expect(passed?.reason).toContain(reason);
        expect(passed?.reason).toContain(way);
      }
      expect(told["secretmem"]).toContain(reason);
      expect(told["openCustodian"]).toMatch(/^LetheError ERR_LETHE_UNAVAILABLE: Cannot start/);
      expect(told["openCustodian"]).toContain(way);
      for (const said of Object.values(told)) expect(said).not.toMatch(/^(TypeError|Error)/);
    },
  );
});

it.skipIf(!SOAK).each(runtimes)("an entry in its place on %s says nothing of it", (runtime) => {
  const [kind = ""] = runtime.split(" ");
  const { passedOver, told } = use(runtime, `${kind}/mod`);
  expect(JSON.stringify({ passedOver, told })).not.toContain("is Lethe for");
});
