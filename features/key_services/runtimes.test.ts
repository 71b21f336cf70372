import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Services } from "../../testing/features/key_services/services.ts";
import { INSTALLED, ROOT, RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { SOAK } from "../../testing/tier.ts";

const PROBE = `${ROOT}testing/features/key_services/conformance_probe.ts`;

/** Keys of the double that it goes wrong with. */
const TROUBLES = ["hang", "half", "reset", "redirect", "long", "text"] as const;

/** What a program writes, and where it went wrong. */
async function outputOf(command: readonly string[]): Promise<string> {
  const [file = "", ...words] = command;
  const child = spawn(file, words, { cwd: ROOT, env: { ...process.env, NO_COLOR: "1" } });
  let [out, faults] = ["", ""];
  child.stdout.on("data", (piece) => {
    out += piece;
  });
  child.stderr.on("data", (piece) => {
    faults += piece;
  });
  await new Promise((resolve) => child.once("close", resolve));
  return out === "" ? faults : out;
}

describe.skipIf(!SOAK)("key services in each runtime", () => {
  let services: Services;
  beforeAll(async () => {
    services = await Services.start();
    const { vault } = services;
    for (const key of TROUBLES) vault.addKey(key);
    vault.troubleOf = ({ path }) =>
      TROUBLES.find((trouble) => path.endsWith(`/encrypt/${trouble}`)) ?? null;
  });
  afterAll(() => services.stop());

  it.each(INSTALLED)("keep the rules of wrappers on %s", { timeout: 120_000 }, async (runtime) => {
    const output = await outputOf([...(RUNTIMES[runtime] ?? []), PROBE, services.folder]);
    expect(JSON.parse(output)).toEqual({
      transit: [],
      "AWS KMS": [],
      "Google Cloud KMS": [],
      hang: "timeout null",
      half: "unreachable null",
      reset: "unreachable null",
      redirect: "malformed 307",
      long: "malformed 200",
      text: "malformed 200",
    });
  });

  it.skipIf(!INSTALLED.includes("deno"))(
    "say on Deno which permission they need, and send nothing",
    { timeout: 60_000 },
    async () => {
      const requests = (): number =>
        [services.vault, services.aws, services.gcp].reduce((sum, one) => sum + one.came.length, 0);
      const before = requests();
      const [deno = ""] = RUNTIMES["deno"] ?? [];
      const flags = ["--allow-read", "--allow-env", "--allow-ffi", "--no-check", "--no-prompt"];
      const output = await outputOf([deno, "run", ...flags, PROBE, services.folder]);
      const host = services.vault.address.replace("http://", "");
      const needed = `unreachable null: it needs --allow-net=${host}; start Deno with it`;
      const expected = Object.fromEntries(TROUBLES.map((key) => [key, needed]));
      expect(JSON.parse(output)).toMatchObject(expected);
      expect(requests()).toBe(before);
    },
  );
});
