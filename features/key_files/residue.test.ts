import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  derivedNeedle,
  expectNoResidue,
  type Needle,
  scanFile,
  unmask,
} from "../../conformance/mod.ts";
import {
  program,
  RUNTIMES,
  startWaiting,
  type Waiting,
} from "../../testing/features/key_files/children.ts";
import { FILE_SEED, PLAIN_SEED } from "../../testing/features/key_files/seeds.ts";
import { SOAK } from "../../testing/tier.ts";

interface Said {
  readonly memory: string;
  readonly live: number;
  readonly revealed: readonly { label: string; seed: number; masked: readonly number[] }[];
  readonly codes: readonly string[];
}

const content = derivedNeedle(FILE_SEED, 33, "a refused file");
const plain = derivedNeedle(PLAIN_SEED, 256, "a plain file that was taken for a sealed one");

/** Files that are refused, each with the same content. */
function prepare(directory: string): void {
  const file = (name: string, length: number, mode: number): void => {
    writeFileSync(join(directory, name), content.bytes.subarray(0, length), { mode });
    chmodSync(join(directory, name), mode);
  };
  file("short", 31, 0o400);
  file("long", 33, 0o400);
  file("open", 32, 0o440);
  file("there", 32, 0o400);
  writeFileSync(join(directory, "plain"), plain.bytes, { mode: 0o400 });
  symlinkSync("there", join(directory, "symlink"));
}

/** Memory that a scan can read: in secretmem, which `npm run soak` adds, only copies outside would show. */
const SUBJECTS: readonly (readonly [string, string])[] = [
  ["node", "sodium"],
  ["bun", "pages"],
  ...(!SOAK
    ? []
    : ([
        ["deno", "pages"],
        ["deno", "secretmem"],
        ["bun", "secretmem"],
        ["deno", "sodium"],
        ["bun", "sodium"],
        ["node", "heap"],
      ] as const)),
];

describe
  .skipIf(process.platform !== "linux")
  .each(SUBJECTS.filter(([name]) => existsSync(RUNTIMES[name]?.[0] ?? "")))(
  "residue on %s, %s memory",
  (runtime, memory) => {
    let directory = "";
    let target: Waiting<Said>;
    let needles: readonly Needle[] = [];

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), "lethe-keys-"));
      prepare(directory);
      const command = [...(RUNTIMES[runtime] ?? []), program("residue_probe"), directory, memory];
      target = await startWaiting<Said>(command);
      needles = target.said.revealed.map(({ label, seed, masked }) => ({
        label,
        bytes: unmask(seed, Uint8Array.from(masked)),
      }));
    });
    afterAll(async () => {
      await target?.stop();
      rmSync(directory, { recursive: true });
    });

    const named = (label: string): Needle =>
      needles.find((needle) => needle.label === label) as Needle;

    it("every life and every refusal leaves nothing in the process", () => {
      expect(target.said).toMatchObject({ memory, live: 0 });
      expect(target.said.codes).toEqual([
        "ERR_LETHE_KEY_PASSPHRASE",
        "ERR_LETHE_KEY_SIZE",
        "ERR_LETHE_KEY_SIZE",
        "ERR_LETHE_KEY_MODE",
        "ERR_LETHE_KEY_IRREGULAR",
        "ERR_LETHE_KEY_SIZE",
        "ERR_LETHE_KEY_FORMAT",
        "ERR_LETHE_KEY_FORMAT",
        "ERR_LETHE_KEY_FORMAT",
        "ERR_LETHE_KEY_EXISTS",
        "ERR_LETHE_KEY_MISSING",
      ]);
      const destroyed = needles.filter(({ label }) => label !== "leaky");
      expect(destroyed).toHaveLength(9);
      // The witness is a key that the probe read the plain way: its copies are found by the same scan.
      expectNoResidue({
        pid: target.pid,
        needle: [...destroyed, content, plain],
        witness: named("leaky"),
      });
    });

    it("no other file holds a key", () => {
      const found = readdirSync(directory)
        .filter((name) => name !== "symlink")
        .map((name) => [name, scanFile(join(directory, name), needles).findings] as const);
      const holders = ({ label }: Needle): readonly string[] =>
        found
          .filter(([, findings]) => findings.some(({ needle }) => needle === label))
          .map(([name]) => name);
      expect(holders(named("create, destroy"))).toEqual(["created"]);
      expect(holders(named("rotate, current"))).toEqual(["read"]);
      expect(holders(named("read, destroy"))).toEqual([]);
      expect(holders(named("seal, unseal"))).toEqual(["sealed"]);
      expect(holders(named("passphrase"))).toEqual([]);
      expect(holders(named("ed25519"))).toEqual(["ed25519"]);
    });
  },
);
