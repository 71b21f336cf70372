import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { atHand } from "../testing/built.ts";
import { INSTALLED, RUNTIMES } from "../testing/features/prompt/pty.ts";
import { SOAK } from "../testing/tier.ts";

/** Those of this repository: what is in a folder of packages is examined only where it is named. */
const NAMED = INSTALLED.flatMap((name) => ["--runtime", RUNTIMES[name]?.[0] ?? ""]);
const SECRET = "correct horse battery staple";

function lethe(parameters: readonly string[], input: string = ""): ReturnType<typeof run> {
  return run([atHand("cli/main.ts"), ...parameters], input);
}

function run(
  parameters: readonly string[],
  input: string,
): { status: number; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, {
    input,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  return { status: status ?? -1, stdout, stderr };
}

describe("lethe scan", () => {
  let target: ChildProcess | undefined;
  afterEach(() => target?.kill("SIGKILL"));

  /** A process that holds the bytes 0, 1, 2 ... as they are, and as text of its own. */
  async function start(program: string): Promise<number> {
    target = spawn(
      process.execPath,
      ["-e", `${program}; console.log("ready"); setInterval(() => 0, 1e6)`],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await new Promise((resolve) => target?.stdout?.once("data", resolve));
    return target.pid ?? 0;
  }

  const HOLD = `globalThis.kept = Buffer.alloc(64); for (let i = 0; i < 64; i++) kept[i] = i * 5 + 3`;
  const NEEDLE = Buffer.from(
    Array.from({ length: 64 }, (_, index) => (index * 5 + 3) & 255),
  ).toString("hex");

  it("finds a live secret, says where and not what, and exits with 1", async () => {
    const pid = await start(HOLD);
    const { status, stdout } = lethe(["scan", String(pid), "--encoding", "hex"], `${NEEDLE}\n`);
    expect(status).toBe(1);
    expect(stdout).toMatch(/residue in \d+ places?/);
    expect(stdout).toMatch(/as raw at 0x[0-9a-f]+, read-write/);
    expect(stdout).not.toContain(NEEDLE.slice(0, 8));
  });

  it("finds nothing where nothing is, and exits with 0", async () => {
    const pid = await start("0");
    const { status, stdout } = lethe(["scan", String(pid)], `${SECRET}\n`);
    expect(stdout).toContain("no residue found");
    expect(status).toBe(0);
  });

  it("prints a report for machines with --json", async () => {
    const pid = await start(HOLD);
    const { stdout } = lethe(["scan", String(pid), "--json", "--encoding", "hex"], `${NEEDLE}\n`);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "scanned", pid, source: "process" });
  });

  const WRONG: readonly (readonly [parameters: readonly string[], said: string])[] = [
    [["scan"], "one of PID"],
    [["scan", "4194305"], "no such process"],
    [["scan", "12", "--core", "x"], "one of PID"],
    [["scan", "-12"], "-1"],
    [["scan", String(process.pid), "--encoding", "rot13"], "encoding"],
    [["scan", "--core", "there/is/none"], "there/is/none"],
  ];

  it.each(SOAK ? WRONG : WRONG.slice(0, 2))(
    "exits with 2 and one clear line for %j",
    (parameters, said) => {
      const { status, stderr } = lethe(parameters, `${SECRET}\n`);
      expect(status).toBe(2);
      expect(stderr).toContain(said);
      expect(stderr).not.toContain(SECRET);
    },
  );
});

describe("lethe", () => {
  it("prints its usage, on standard error when it was wrong", () => {
    expect(lethe(["--help"])).toMatchObject({ status: 0, stderr: "" });
    expect(lethe(["frobnicate"])).toMatchObject({ status: 2, stdout: "" });
    expect(lethe([])).toMatchObject({ status: 2 });
  });

  it("says wrong usage as an object with --json, also without a command or with an unknown one", () => {
    for (const parameters of [
      ["frobnicate", "--json"],
      ["--json"],
      ["help", "nothing", "--json"],
    ]) {
      const { status, stdout, stderr } = lethe(parameters);
      expect([parameters, status, stderr]).toEqual([parameters, 2, ""]);
      expect(JSON.parse(stdout).error).toBe("USAGE");
    }
    expect(lethe(["frobnicate", "--", "--json"])).toMatchObject({ status: 2, stdout: "" });
  });

  it.skipIf(process.platform !== "linux")(
    "refuses a path that is not UTF-8, in whose place Node reads another one",
    () => {
      const shell = `printf 'no\\377' | xargs -0 "$@"`;
      const named = (path: string): ReturnType<typeof spawnSync> =>
        spawnSync("/bin/sh", [
          "-c",
          path,
          "sh",
          process.execPath,
          atHand("cli/main.ts"),
          "key",
          "remove",
        ]);
      const altered = named(shell);
      expect(String(altered.stderr)).toMatch(/^lethe: a parameter is not UTF-8, .*\n$/);
      expect(String(named(shell.replace("\\377", "\\357\\277\\275")).stderr)).toContain(
        "there is none",
      );
    },
  );
});

// It examines every runtime here, which `npm start` does as well.
describe.skipIf(!SOAK)("lethe doctor", { timeout: 240_000 }, () => {
  it("proves every memory of every runtime, finds no residue, and refutes nothing", () => {
    const { status, stdout, stderr } = lethe(["doctor", "--json", ...NAMED]);
    const diagnosis = JSON.parse(stdout);
    expect(diagnosis.failures).toEqual([]);
    expect(status).toBe(0);
    const kinds = diagnosis.runtimes.map(({ title }: { title: string }) =>
      title.replace(/\..*/, ""),
    );
    expect(kinds).toEqual(
      expect.arrayContaining(["node 22", "node 24", "node 26", "deno 2", "bun 1"]),
    );
    for (const { runtime, memory, unavailable, steps } of diagnosis.examinations) {
      expect([runtime, memory, unavailable]).toEqual([runtime, memory, null]);
      expect(
        steps.map(({ name, holds }: { name: string; holds: boolean }) => [name, holds]),
      ).toEqual([
        ["born", true],
        ["used", true],
        ["destroyed", true],
      ]);
    }
    expect(stderr).toContain("watching a secret live and die");
  });
});
