import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, describe, expect, it } from "vitest";
import { CLI_RUNTIMES, lethe, type Outcome, outcomeOf } from "../../testing/cli/lethe.ts";
import { AGE, hasAge, newIdentityFile, WITHOUT_AGE } from "../../testing/features/envelopes/age.ts";
import { SOAK } from "../../testing/tier.ts";

const folder = mkdtempSync(join(tmpdir(), "lethe-envelope-"));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
const fresh = (name: string): string => join(folder, `${count++}.${name}`);

function file(name: string, content: Uint8Array | string): string {
  const path = fresh(name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

const phrases = file("phrase", "correct horse\n");

function envelope(runtime: string, ...parameters: readonly string[]): Outcome {
  const descriptor = openSync(phrases, "r");
  try {
    return outcomeOf(lethe(runtime, "envelope", ...parameters), {
      stdio: ["pipe", "pipe", "pipe", descriptor],
    });
  } finally {
    closeSync(descriptor);
  }
}

function done(outcome: Outcome): string {
  expect([outcome.status, outcome.stderr]).toEqual([0, ""]);
  return outcome.stdout;
}

const message = randomBytes(200_000);

describe.skipIf(process.platform === "win32").each(CLI_RUNTIMES)(
  "lethe envelope on %s",
  (runtime) => {
    it.skipIf(!hasAge)(`seals what age opens, and opens what age sealed${WITHOUT_AGE}`, () => {
      const [plain, sealed, back] = [file("plain", message), fresh("age"), fresh("back")];
      const identity = file("identity", newIdentityFile());
      const to = /age1\S+/.exec(readFileSync(identity, "utf8"))?.[0] ?? "";
      done(envelope(runtime, "seal", "--to", to, plain, sealed));
      expect(statSync(sealed).mode & 0o777).toBe(0o600);
      expect(execFileSync(AGE, ["-d", "-i", identity, sealed]).equals(message)).toBe(true);
      done(envelope(runtime, "open", "--identity", identity, sealed, back));
      expect(readFileSync(back).equals(message)).toBe(true);
      if (!SOAK) return;
      const theirs = file("age", execFileSync(AGE, ["-a", "-r", to], { input: message }));
      done(envelope(runtime, "open", "--identity", identity, theirs, fresh("back")));
    });

    it.runIf(SOAK)("makes identities, moves envelopes between them, and binds a context", () => {
      const [first, second] = [fresh("first"), fresh("second")];
      const [one, two] = [first, second].map(
        (path) =>
          JSON.parse(done(envelope(runtime, "identity", path, "--json"))).recipient as string,
      ) as [string, string];
      expect(statSync(first).mode & 0o777).toBe(0o600);
      const [plain, sealed] = [file("plain", "a message"), fresh("age")];
      const context = ["--context", "database"];
      done(envelope(runtime, "seal", "--to", one, ...context, plain, sealed));
      const facts = JSON.parse(done(envelope(runtime, "inspect", sealed, "--json")));
      expect(facts).toMatchObject({ context: "database", payloadBytes: 9, armored: false });
      for (const how of ["readdress", "reseal"]) {
        const moved = fresh("age");
        const list = file("recipients", `# a list\n\n${two}\n`);
        done(envelope(runtime, how, "--identity", first, "--to-file", list, sealed, moved));
        const opened = envelope(runtime, "open", "--identity", second, ...context, moved, "-");
        expect(done(opened)).toBe("a message");
        const wrong = envelope(runtime, "open", "--identity", first, ...context, moved, "-");
        expect([wrong.status, wrong.stdout]).toEqual([3, ""]);
        const none = envelope(runtime, "open", "--identity", second, moved, "-");
        expect([none.status, none.stdout]).toEqual([4, ""]);
      }
    });

    it.runIf(SOAK)("takes a passphrase from a descriptor", () => {
      const [plain, sealed] = [file("plain", "a message"), fresh("age")];
      const given = ["--passphrase", "--passphrase-fd", "3"];
      done(envelope(runtime, "seal", ...given, plain, sealed));
      expect(done(envelope(runtime, "open", ...given, sealed, "-"))).toBe("a message");
    });

    it.runIf(SOAK)("removes what it could not write whole, and writes over nothing", () => {
      const path = fresh("identity");
      const to = JSON.parse(done(envelope(runtime, "identity", path, "--json"))).recipient;
      const [plain, sealed, out] = [file("plain", message), fresh("age"), fresh("out")];
      done(envelope(runtime, "seal", "--to", to, plain, sealed));
      const cut = file("cut", readFileSync(sealed).subarray(0, 150_000));
      const failed = envelope(runtime, "open", "--identity", path, cut, out);
      expect([failed.status, existsSync(out)]).toEqual([4, false]);
      const over = envelope(runtime, "open", "--identity", path, sealed, plain);
      expect([over.status, over.stderr.includes("already")]).toEqual([2, true]);
      expect(readFileSync(plain).equals(message)).toBe(true);
    });

    it.runIf(SOAK)("refuses wrong usage, and never repeats a private key", () => {
      const secret = /AGE-SECRET-KEY-1\S+/.exec(newIdentityFile().toString())?.[0] ?? "";
      const plain = file("plain", "a");
      for (const words of [
        ["seal", plain, fresh("out")],
        ["seal", "--to", secret, plain, fresh("out")],
        ["seal", "--to", "age1a", "--passphrase", plain, fresh("out")],
        ["seal", "--passphrase", "--context", "a", plain, fresh("out")],
        ["open", plain, fresh("out")],
        ["open", "--identity", plain, plain],
        ["inspect", plain, "--to", "age1a"],
        ["readdress", "--identity", plain, plain, fresh("out")],
        ["sael", plain, fresh("out")],
      ]) {
        const { status, stdout, stderr } = envelope(runtime, ...words);
        expect([status, stdout], words.join(" ")).toEqual([2, ""]);
        expect(stderr).not.toContain(secret.slice(16, 40));
      }
    });
  },
);
