import { closeSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import process from "node:process";
import { afterAll, describe, expect, it } from "vitest";
import type { KeyType } from "../../features/keys/mod.ts";
import { CLI_RUNTIMES, lethe, type Outcome, outcomeOf } from "../../testing/cli/lethe.ts";
import { PASSPHRASE, Tools } from "../../testing/features/keys/tools.ts";
import { MISSING, NOT_RUN, Pty } from "../../testing/features/prompt/pty.ts";
import { SOAK } from "../../testing/tier.ts";

const tools = new Tools();
afterAll(() => tools.remove());

const TYPES: readonly KeyType[] = SOAK ? ["ed25519", "p256", "p384", "p521", "rsa"] : ["ed25519"];
const CASES = CLI_RUNTIMES.flatMap((runtime) => TYPES.map((type) => [runtime, type] as const));
const CHEAP = ["--passes", "1", "--memory", "8"];
const phrases = tools.keep("phrases", `${PASSPHRASE}\n`);
const fresh = (name: string): string => `${tools.put("")}.${name}`;

/** Runs `lethe key` with the passphrase on descriptors 3 and 4, and `input` on standard input. */
function key(runtime: string, parameters: readonly string[], input = ""): Outcome {
  const descriptors = [openSync(phrases, "r"), openSync(phrases, "r")];
  try {
    return outcomeOf(lethe(runtime, "key", ...parameters), {
      input,
      stdio: ["pipe", "pipe", "pipe", ...descriptors],
    });
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
}

const done = (outcome: Outcome): string => {
  expect([outcome.status, outcome.stderr]).toEqual([0, ""]);
  return outcome.stdout;
};

describe.skipIf(process.platform === "win32").each(CASES)(
  "lethe key on %s: %s keys",
  (runtime, type) => {
    it("of ssh-keygen become what openssl checks, and back", () => {
      const made = tools.ssh(type, true);
      const [source, pem, back] = [tools.put(made.bytes), fresh("pem"), fresh("back")];
      const line = tools.publicLine(made.bytes, true);
      const unlock = ["--passphrase-fd", "3"];
      done(
        key(runtime, ["convert", source, ...unlock, "--to", "pkcs8-pem", "--plain", "--out", pem]),
      );
      expect(statSync(pem).mode & 0o777).toBe(0o600);
      tools.run("openssl", "pkey", "-in", pem, "-check", "-noout");
      const seal = ["--to", "openssh", "--encrypt", "--new-passphrase-fd", "4", "--out", back];
      done(key(runtime, ["convert", "-", ...seal], readFileSync(pem, "latin1")));
      const partsOf = (text: string): readonly string[] => text.trim().split(" ").slice(0, 2);
      expect(partsOf(tools.publicLine(readFileSync(back), true))).toEqual(partsOf(line));
      expect(partsOf(done(key(runtime, ["public", back, ...unlock])))).toEqual(partsOf(line));
    });
  },
);

describe.skipIf(process.platform === "win32").each(CLI_RUNTIMES)("lethe key on %s", (runtime) => {
  it.runIf(SOAK)(
    "imports a key into a sealed key file, which names its type, and exports it again",
    () => {
      const made = tools.ssh("ed25519", false);
      const [source, file] = [tools.put(made.bytes), fresh("key")];
      const seal = ["--seal", "--new-passphrase-fd", "4", ...CHEAP];
      const told = done(key(runtime, ["import", file, "--from", source, ...seal, "--json"]));
      expect(JSON.parse(told)).toMatchObject({ done: "imported", type: "ed25519", form: "sealed" });
      expect(statSync(file)).toMatchObject({ size: 176, mode: 0o100400 });
      const text = done(
        key(runtime, ["export", file, "--passphrase-fd", "3", "--to", "openssh", "--plain"]),
      );
      const parts = (line: string): string => line.split(" ").slice(0, 2).join(" ").trim();
      expect(parts(tools.publicLine(Buffer.from(text), false))).toBe(
        parts(tools.publicLine(made.bytes, false)),
      );
      const again = key(runtime, ["import", file, "--from", source, ...seal]);
      expect([again.status, again.stderr.includes("there is one")]).toEqual([1, true]);
    },
  );

  it("leaves a comment out that cannot be written, and takes no plain key under a passphrase", () => {
    const source = tools.put(tools.ssh("ed25519", false, "-C", "a\tb").bytes);
    const line = fresh("pub");
    const told = done(key(runtime, ["public", source, "--out", line]));
    expect(told).toMatch(/^read ".*"\n(?: .*\n)* *out +.*\.pub\n$/);
    expect(readFileSync(line, "utf8").trim().split(" ")).toHaveLength(2);
    const plain = key(runtime, ["public", source, "--passphrase-fd", "3"]);
    expect([plain.status, plain.stderr]).toEqual([4, expect.stringContaining("not encrypted")]);
  });

  it.runIf(SOAK)(
    "writes over no file, and takes no key without being told whether to encrypt it",
    () => {
      const source = tools.put(tools.ssh("ed25519", false).bytes);
      const there = tools.put("mine");
      const over = key(runtime, ["convert", source, "--to", "jwk", "--plain", "--out", there]);
      expect([over.status, over.stderr]).toEqual([
        2,
        `lethe key: there is a file "${there}" already; give the path of a new file\n`,
      ]);
      expect(readFileSync(there, "utf8")).toBe("mine");
      for (const more of [[], ["--plain", "--encrypt"]]) {
        const outcome = key(runtime, ["convert", source, "--to", "pkcs8", ...more]);
        expect([outcome.status, outcome.stdout]).toEqual([2, ""]);
        expect(outcome.stderr).toContain("one of --encrypt and --plain");
      }
      writeFileSync(there, new Uint8Array(70_000).fill(65));
      const long = key(runtime, ["convert", there, "--to", "jwk", "--plain"]);
      expect([long.status, long.stdout]).toEqual([4, ""]);
      const plain = key(runtime, [
        "convert",
        source,
        "--passphrase-fd",
        "3",
        "--to",
        "jwk",
        "--plain",
      ]);
      expect([plain.status, plain.stdout]).toEqual([4, ""]);
    },
  );
});

describe.skipIf(MISSING !== null).each(CLI_RUNTIMES)(
  `${NOT_RUN}lethe key on %s at a terminal`,
  (runtime) => {
    it.runIf(SOAK)("shows a private key only with --to-terminal", async () => {
      const source = tools.put(tools.ssh("ed25519", false).bytes);
      const line = lethe(runtime, "key", "convert", source, "--to", "pkcs8-pem", "--plain");
      for (const [more, status] of [
        [[], 2],
        [["--to-terminal"], 0],
      ] as const) {
        const pty = new Pty([...line, ...more]);
        try {
          expect((await pty.ended).code).toBe(status);
          expect(pty.text.includes("PRIVATE KEY")).toBe(status === 0);
        } finally {
          await pty.close();
        }
      }
    });
  },
);
