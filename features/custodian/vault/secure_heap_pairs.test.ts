import { spawnSync } from "node:child_process";
import process from "node:process";
import { expect, it } from "vitest";
import { SOAK } from "../../../testing/tier.ts";

const PROGRAM = new URL("../../../testing/features/custodian/heap_pair.ts", import.meta.url)
  .pathname;

function said(scenario: string, ...flags: readonly string[]): string {
  const heap = ["--secure-heap=32768", "--secure-heap-min=32"];
  const { stdout, stderr } = spawnSync(process.execPath, [...heap, ...flags, PROGRAM, scenario], {
    encoding: "utf8",
  });
  return stdout + stderr;
}

const ROWS: readonly (readonly [scenario: string, flags: readonly string[], text: RegExp])[] = [
  ["whole", ["--expose-gc"], /^held\nreleased\nERR_LETHE_DESTROYED Cannot use key pair/],
  ["stuck", ["--expose-gc"], /^held\nERR_LETHE_SECURE_HEAP .* did not shrink by its 32 bytes/],
  ["smaller", ["--expose-gc"], /^held\nERR_LETHE_SECURE_HEAP .* its key pairs alone made it/],
  ["whole", [], /^ERR_LETHE_SECURE_HEAP .* cannot free it on demand; start the custodian's/],
];

it.each(SOAK ? ROWS : ROWS.slice(1, 3))(
  "a secure heap that is %s, with %j, says so of its key pairs",
  (scenario, flags, text) => {
    expect(said(scenario, ...flags)).toMatch(text);
  },
);
