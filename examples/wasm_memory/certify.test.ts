import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { SOAK } from "../../testing/tier.ts";

const program = fileURLToPath(new URL("./certify.ts", import.meta.url));

function certify(...parameters: readonly string[]): { status: number | null; text: string } {
  const words = ["--no-warnings", program, ...parameters];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  return { status, text: stdout + stderr };
}

// The whole suite takes half a minute: `npm run soak -- examples`.

it.skipIf(!SOAK)("somebody's first memory is refused, with reasons that tell what to fix", () => {
  const { status, text } = certify("first-try");
  expect(status, text).toBe(1);
  expect(text).toMatch(/^FAILED M1 .*\n {4}a new region of \d+ bytes is not zero, first at byte/m);
  expect(text).toMatch(/^FAILED M6 .*\n {4}length of the buffer of 1 bytes is \d+, required is 0/m);
  expect(text).toMatch(/^NOT RUN B2 .*\n {4}it rests on M6, which failed/m);
  expect(text.trimEnd()).toMatch(/first-try does not conform: M1, M6$/);
});

it.skipIf(!SOAK)("with both fixed it is certified, and what was not run is named", () => {
  const { status, text } = certify();
  expect(status, text).toBe(0);
  expect(text.trimEnd()).toMatch(/libsodium-wasm conforms as far as was run; .* known of M2$/);
});

it("the guide shows these programs, word for word", () => {
  const guide = readFileSync(new URL("../../docs/writing_a_memory.md", import.meta.url), "utf8");
  const shown = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, source]) => source);
  const programs = readdirSync(new URL(".", import.meta.url)).map((name) =>
    readFileSync(new URL(name, import.meta.url), "utf8"),
  );
  expect(shown).toHaveLength(5);
  for (const source of shown) expect(programs).toContain(source);
});
