/** A secure heap that is filled: what no longer goes in, what is left of it, and what still computes. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { INSTALLED, RUNTIMES, SOAK } from "../../../testing/features/prompt/pty.ts";

const PROGRAM = new URL("../../../testing/features/custodian/heap_room.ts", import.meta.url)
  .pathname;

function run(runtime: string, scenario: string, heapBytes: number): readonly string[] {
  const [file = "", ...words] = RUNTIMES[runtime] ?? [];
  const flags = [`--secure-heap=${heapBytes}`, "--secure-heap-min=32", "--expose-gc"];
  const { stdout, stderr } = spawnSync(
    file,
    ["--no-warnings", ...words, ...flags, PROGRAM, scenario],
    {
      encoding: "utf8",
      timeout: 60_000,
    },
  );
  return (stdout + stderr).trim().split("\n");
}

const NO_ROOM = "ERR_LETHE_SECURE_HEAP";

const NODES = INSTALLED.filter((name) => name.startsWith("node"));

describe.each(SOAK ? NODES : ["node-24"])("a secure heap on %s", (runtime) => {
  const said = (scenario: string, heapBytes: number): readonly string[] =>
    run(runtime, scenario, heapBytes);

  it("is full while there is room to compute with every key that it took", () => {
    expect(said("full", 8192)).toEqual([
      ...["p521", "p384", "p256", "ed25519"].map((type) =>
        expect.stringMatching(
          `^${type} ${NO_ROOM} it would have no room left to compute in \\(.*\\)$`,
        ),
      ),
      ...["p256", "p384", "p521", "ed25519", "rsa", "random"].map((what) => `${what} works`),
      "short 64 works",
    ]);
  });

  it("takes no key where what is free lies apart", () => {
    expect(said("holes", 4096)).toEqual([
      expect.stringMatching(`^true ${NO_ROOM} it would have no room left to compute in`),
      "true",
    ]);
  });

  it("has no copy of a key that it gave back", () => {
    expect(said("released", 32_768)).toEqual(["p256 0", "p384 0", "p521 0", "ed25519 0"]);
  });

  it("has no copy of a key that it refused, and has not read it", () => {
    const refused = [
      ...["p256 32", "p256 64", "p256 96", "p384 64", "p384 128"],
      ...["p521 64", "p521 128", "p521 256", "ed25519 32", "ed25519 128"],
    ];
    expect(said("refused", 4096)).toEqual([
      ...["held true", "released 0, read 1"],
      ...refused.map((row) => `${row} ${NO_ROOM} true 0, read 1`),
    ]);
  });

  it("counts no use for which it had no room", () => {
    expect(said("uses", 4096)).toEqual([`${NO_ROOM}, ${NO_ROOM}`, "works, ERR_LETHE_POLICY Leth"]);
  });
});
