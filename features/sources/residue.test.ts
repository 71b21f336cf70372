import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectNoResidue } from "../../conformance/mod.ts";
import { startWaiting, type Waiting } from "../../testing/features/key_files/children.ts";
import { RUNTIMES } from "../../testing/features/prompt/pty.ts";
import {
  type Label,
  needleOf,
  VARIABLE,
  variableNeedle,
} from "../../testing/features/sources/needles.ts";
import { SOAK } from "../../testing/tier.ts";

const PROBE = "testing/features/sources/residue_probe.ts";
const FILES: Readonly<Record<string, Label>> = {
  file: "file",
  descriptor: "descriptor",
  program: "program",
  fails: "a program that fails",
  slow: "a program that is too slow",
  much: "a program that prints too much",
  open: "a refused file",
  witness: "a witness",
};
const SUBJECTS: readonly (readonly [string, string])[] = SOAK
  ? [
      ...["node-22", "node-24", "node-26"].map((name) => [name, "sodium"] as const),
      ["deno", "pages"],
      ["bun", "pages"],
      ["node-24", "heap"],
      ["deno", "heap"],
      ["bun", "heap"],
    ]
  : [["node-24", "sodium"]];

interface Said {
  readonly memory: string;
  readonly live: number;
  readonly said: readonly string[];
}

describe
  .skipIf(process.platform !== "linux")
  .each(SUBJECTS.filter(([name]) => existsSync(RUNTIMES[name]?.[0] ?? "")))(
  "residue of sources on %s, %s memory",
  (runtime, memory) => {
    let directory = "";
    let target: Waiting<Said>;

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), "lethe-sources-"));
      for (const [name, label] of Object.entries(FILES)) {
        const path = join(directory, name);
        writeFileSync(path, Buffer.concat([needleOf(label).bytes, Uint8Array.of(10)]), {
          mode: 0o600,
        });
      }
      chmodSync(join(directory, "open"), 0o644);
      const [file = "", ...words] = RUNTIMES[runtime] ?? [];
      const flags = runtime.startsWith("node") ? ["--no-warnings", "--expose-gc"] : [];
      const inherited = openSync(join(directory, "descriptor"), "r");
      process.env[VARIABLE] = Buffer.from(variableNeedle().bytes).toString("latin1");
      try {
        target = await startWaiting<Said>([file, ...flags, ...words, PROBE, directory, memory], {
          inherited,
        });
      } finally {
        delete process.env[VARIABLE];
        closeSync(inherited);
      }
    }, 60_000);
    afterAll(async () => {
      await target?.stop();
      rmSync(directory, { recursive: true });
    });

    it("reads what is there, and refuses the rest", () => {
      expect(target.said).toMatchObject({ memory, live: 0 });
      expect(target.said.said).toEqual([
        ...["48", "48", "48"],
        "ERR_LETHE_SOURCE_UNTRUSTED",
        "ERR_LETHE_SOURCE_TOO_LONG",
        "48",
        ...["48", "48", "48"],
        "ERR_LETHE_SOURCE_FAILED",
        "ERR_LETHE_SOURCE_TIMEOUT",
        "ERR_LETHE_SOURCE_TOO_LONG",
        "48",
        "ERR_LETHE_SOURCE_MISSING",
      ]);
    });

    it("leaves nothing of a file, a descriptor and a program in the process", () => {
      const needles = Object.values(FILES).filter((label) => label !== "a witness");
      expectNoResidue({
        pid: target.pid,
        needle: needles.map((label) => needleOf(label)),
        witness: needleOf("a witness"),
      });
    });

    it(`leaves ${runtime === "bun" ? "what Bun keeps" : "nothing"} of a variable in the process`, () => {
      const scan = (): unknown =>
        expectNoResidue({
          pid: target.pid,
          needle: [variableNeedle()],
          witness: needleOf("a witness"),
        });
      if (runtime !== "bun") return void scan();
      expect(scan).toThrow(/Residue in [12] places/);
    });
  },
);
