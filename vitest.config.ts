import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: [
      "{core,system,memories,engines,features,adapters,conformance,cli,testing,examples,docs,tools}/**/*.test.ts",
    ],
    exclude: ["adapters/{deno,bun}/**", "**/node_modules/**"],
    globalSetup: "testing/check_build.ts",
    pool: "forks",
    maxWorkers: 2, // the default leaves one of two cores idle
    execArgv: ["--expose-gc"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export default config;
