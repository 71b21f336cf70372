/** What `npm run soak` runs, by parts that can also run alone. */
import { resolve } from "node:path";

/** A program below node_modules, and its parameters. */
export type Command = readonly [program: string, ...parameters: string[]];

const vitest = (node: string, ...parameters: string[]): Command => [
  `${node}/bin/node`,
  "--expose-gc",
  "node_modules/vitest/vitest.mjs",
  "run",
  ...parameters,
];

/**
 * Every test that has a longer form is in a part: tools/soak_parts.test.ts. `conformance` lets gcore write
 * whole core files: 2 GB for Node, some 18 GB for Deno.
 */
export const PARTS: Readonly<Record<string, readonly Command[]>> = {
  fuzz: [vitest("node-24", "features/key_files/fuzz", "features/custodian/protocol")],
  histories: [vitest("node-24", "memories/pages/fault")],
  versions: ["node-22", "node-26"].map((node) => vitest(node, "core", "features/enclave")),
  loops: [
    vitest(
      "node-24",
      "memories/pages/runtimes",
      "memories/pages/sweep",
      "memories/pages/idle",
      "memories/sodium/exhaustion",
    ),
  ],
  memories: [vitest("node-24", "memories", "system", "conformance/forensics", "conformance/bind")],
  attacks: [vitest("node-24", "attack.test")],
  // Other people's tools, from the registry: each in a small project that has the packed package.
  environments: [
    ["node-24/bin/node", "tools/build.ts"],
    vitest("node-24", "environment.test", "--reporter=verbose"),
  ],
  hostile: [vitest("node-24", "hostile.test")],
  examples: [vitest("node-24", "examples")],
  crypto: [vitest("node-24", "features/crypto")],
  keys: [
    vitest("node-24", "features/keys"),
    ...["node-22", "node-26"].map((node) =>
      vitest(node, "features/keys/forms", "features/keys/checked", "features/keys/bounds"),
    ),
  ],
  enclaves: [vitest("node-24", "features/enclave")],
  files: [vitest("node-24", "features/key_files")],
  agent: [vitest("node-24", "features/agent", "cli/agent")],
  envelopes: [
    vitest(
      "node-24",
      "features/envelopes",
      "features/key_cache",
      "features/age_plugins",
      "cli/envelope",
    ),
  ],
  stores: [vitest("node-24", "features/stores")],
  services: [vitest("node-24", "features/key_services")],
  tokens: [vitest("node-24", "features/pkcs11", "features/systemd_creds")],
  sources: [
    vitest(
      "node-24",
      "core/standard",
      "features/sources",
      "features/rotation",
      "features/keyrings",
    ),
  ],
  // Every program of the documents, on every runtime.
  documents: [
    ["node-24/bin/node", "tools/build.ts"],
    vitest("node-24", "testing/documents", "testing/whole", "testing/build_stamp", "tools"),
  ],
  custodian: [vitest("node-24", "features/custodian")],
  endings: [vitest("node-24", "features/prompt", "features/process")],
  web: [vitest("node-24", "adapters/web", "tools/newcomer")],
  // The pages, opened in Chromium. The generator comes from the registry.
  site: [
    ["node-24/bin/node", "tools/build_site.ts"],
    ["node-24/bin/node", "tools/check_site.ts"],
  ],
  faulty: [vitest("node-24", "testing/faulty", "conformance/target", "examples", "cli")],
  conformance: [
    vitest("node-22", "adapters/node"),
    vitest("node-24", "adapters/node"),
    vitest("node-26", "adapters/node"),
    [".bin/deno", "test", "-A", "--v8-flags=--expose-gc", "adapters/deno"],
    [".bin/bun", "test", "adapters/bun"],
  ],
  // As it is after npm install --omit=optional, but for sodium-native: Node 26 has FFI itself then.
  "without-koffi": [
    vitest("node-22", "adapters/node/conformance", "adapters/node/auto"),
    vitest("node-26", "adapters/node/conformance", "adapters/node/auto"),
    vitest("node-24", "features/prompt", "features/key_files", "features/custodian"),
  ],
};

/** What is set for a part, and for every process that its tests start. */
export const ENVIRONMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "without-koffi": {
    NODE_OPTIONS: `--require=${resolve("testing/adapters/node/without_koffi.cjs")}`,
  },
};
