import { configDefaults, defineConfig, type ViteUserConfig } from "vitest/config";
import { SOAK, UNIT } from "./testing/tier.ts";
import { filesAlone } from "./tools/alone.ts";
import { LongFirst } from "./tools/long_first.ts";

const INCLUDE = [
  "{core,system,memories,engines,features,adapters,conformance,cli,testing,examples,docs,tools}/**/*.test.ts",
];
const EXCLUDE = [...configDefaults.exclude, "adapters/{deno,bun}/**"];
/** Files that each get a new process; the others take one over from the file before. */
const ALONE = SOAK ? INCLUDE : filesAlone(INCLUDE);

const config: ViteUserConfig = defineConfig({
  test: {
    globalSetup: "testing/check_build.ts",
    pool: "forks",
    maxWorkers: 2, // the default leaves one of two cores idle
    execArgv: ["--expose-gc", ...(UNIT ? ["--require=./tools/start_nothing.cjs"] : [])],
    sequence: { sequencer: LongFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: "alone", include: ALONE, exclude: EXCLUDE } },
      {
        extends: true,
        test: { name: "shared", include: INCLUDE, exclude: [...EXCLUDE, ...ALONE], isolate: false },
      },
    ],
  },
});

export default config;
