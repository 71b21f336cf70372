/** age-plugin-lethe, with the program age and with Lethe's own client of plugins, on each runtime. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, describe, expect, it } from "vitest";
import { usePlugin } from "../../adapters/node/age_plugins.ts";
import { openSecrets } from "../../adapters/node/mod.ts";
import { openEnvelopes, runWrapperConformance } from "../../features/envelopes/mod.ts";
import { environmentWith, writeAgePlugin } from "../../testing/cli/age_plugin.ts";
import { CLI_RUNTIMES, lethe } from "../../testing/cli/lethe.ts";
import { AGE, hasAge, WITHOUT_AGE } from "../../testing/features/envelopes/age.ts";
import { MISSING, NOT_RUN, Pty } from "../../testing/features/prompt/pty.ts";
import { SOAK } from "../../testing/tier.ts";

const folder = mkdtempSync(join(tmpdir(), "lethe-age-plugin-"));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
const fresh = (name: string): string => join(folder, `${count++}.${name}`);

interface Ended {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a program in a session of its own, which has no terminal. */
function runDetached(
  runtime: string,
  [file = "", ...words]: readonly string[],
  input: Uint8Array | string = "",
): Promise<Ended> {
  const env = environmentWith(writeAgePlugin(folder, runtime).folder);
  const child = spawn(file, words, { env, detached: true, stdio: "pipe" });
  const [out, complaints]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (part: Buffer) => out.push(part));
  child.stderr.on("data", (part: Buffer) => complaints.push(part));
  child.stdin.on("error", () => undefined).end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) =>
      resolve({ status, stdout: Buffer.concat(out), stderr: `${Buffer.concat(complaints)}` }),
    );
  });
}

/** Says the same to a plugin until it ends. @returns how, and the most KiB of memory that it was seen with */
async function flood(
  path: string,
  text: string,
): Promise<{ readonly status: number | null; readonly stderr: string; readonly peak: number }> {
  const child = spawn(path, ["--age-plugin=identity-v1"], { stdio: ["pipe", "ignore", "pipe"] });
  let [stderr, peak, isOver] = ["", 0, false];
  child.stderr.on("data", (part: Buffer) => {
    stderr += part;
  });
  child.stdin.on("error", () => undefined);
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", (status) => {
      isOver = true;
      resolve(status);
    });
  });
  while (!isOver) {
    const hasRoom = child.stdin.write(text);
    try {
      const facts = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(facts)?.[1] ?? 0));
    } catch {
      // it has ended
    }
    if (hasRoom) continue;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        child.stdin.off("drain", wake);
        resolve();
      };
      const timer = setTimeout(wake, 100); // it may have ended
      child.stdin.once("drain", wake);
    });
  }
  return { status: await ended, stderr, peak };
}

async function done(ended: Promise<Ended>): Promise<Buffer> {
  const { status, stdout, stderr } = await ended;
  // age says so after five seconds, which a busy machine takes.
  expect([status, stderr.replaceAll("age: waiting on lethe plugin...\n", "")]).toEqual([0, ""]);
  return stdout;
}

const plugin = (runtime: string, ...words: readonly string[]): Promise<Ended> =>
  runDetached(runtime, [writeAgePlugin(folder, runtime).path, ...words]);

const age = (runtime: string, words: readonly string[], input: Uint8Array | string = "") =>
  runDetached(runtime, [AGE, ...words], input);

interface Made {
  readonly key: string;
  readonly file: string;
  readonly recipient: string;
  readonly native: string;
}

async function make(runtime: string): Promise<Made> {
  const [key, file] = [fresh("key"), fresh("identity")];
  const said = await done(plugin(runtime, "--generate", "--plain", key, file, "--json"));
  const { recipient, native } = JSON.parse(said.toString());
  return { key, file, recipient, native };
}

/** A key that is sealed, at the least cost. */
async function makeSealed(runtime: string, passphrase: string): Promise<Made> {
  const [key, file, phrase] = [fresh("key"), fresh("identity"), fresh("phrase")];
  writeFileSync(phrase, `${passphrase}\n`);
  const withPhrase = (words: readonly string[]): Promise<Ended> =>
    runDetached(runtime, ["/bin/sh", "-c", 'exec "$@" 3<"$0"', phrase, ...words]);
  const cost = ["--passes", "1", "--memory", "8"];
  const sealed = ["--type", "x25519", "--seal", ...cost, "--passphrase-fd", "3"];
  await done(withPhrase(lethe(runtime, "key", "create", key, ...sealed)));
  const named = lethe(runtime, "envelope", "plugin", key, file, "--passphrase-fd", "3", "--json");
  const said = await done(withPhrase(named));
  const { recipient, native } = JSON.parse(said.toString());
  return { key, file, recipient, native };
}

describe.skipIf(!hasAge || process.platform !== "linux").each(CLI_RUNTIMES)(
  `age-plugin-lethe on %s${WITHOUT_AGE}`,
  { timeout: 300_000 },
  (runtime) => {
    it("makes a key with which age seals and opens, in both directions", async () => {
      const { file, recipient, native } = await make(runtime);
      const text = readFileSync(file, "utf8");
      expect(text).toMatch(
        /^# recipient: age1lethe1[a-z0-9]+\n# the same key .*: age1[a-z0-9]{58}\nAGE-PLUGIN-LETHE-1[A-Z0-9]+\n$/,
      );
      const message = randomBytes(100_000);
      const sealed = await done(age(runtime, ["-r", recipient], message));
      expect(sealed.toString("latin1")).toMatch(/^age-encryption.org\/v1\n-> X25519 /);
      expect((await done(age(runtime, ["-d", "-i", file], sealed))).equals(message)).toBe(true);
      if (!SOAK) return;
      const toIdentity = await done(age(runtime, ["-e", "-i", file], "to an identity"));
      expect(`${await done(age(runtime, ["-d", "-i", file], toIdentity))}`).toBe("to an identity");
      const toNative = await done(age(runtime, ["-a", "-r", native], "without the plugin"));
      expect(`${await done(age(runtime, ["-d", "-i", file], toNative))}`).toBe(
        "without the plugin",
      );
    });

    it.runIf(SOAK)("opens with one of several keys, for one of several recipients", async () => {
      const [one, two] = [await make(runtime), await make(runtime)];
      const to = ["-r", one.recipient, "-r", two.recipient];
      const sealed = await done(age(runtime, to, "a message"));
      for (const words of [
        ["-i", one.file],
        ["-i", two.file],
      ]) {
        expect(`${await done(age(runtime, ["-d", ...words], sealed))}`).toBe("a message");
      }
      const toTwo = await done(age(runtime, ["-r", two.recipient], "for the second"));
      const both = ["-d", "-i", one.file, "-i", two.file];
      expect(`${await done(age(runtime, both, toTwo))}`).toBe("for the second");
      const nobody = await age(runtime, ["-d", "-i", one.file], toTwo);
      expect([nobody.status, nobody.stdout.length]).toEqual([1, 0]);
      expect(nobody.stderr).toMatch(/no identity matched/);
    });

    it.runIf(SOAK)("says through age why a key file does not open", async () => {
      const { key, file, recipient } = await make(runtime);
      const sealed = await done(age(runtime, ["-r", recipient], "a message"));
      const open = () => age(runtime, ["-d", "-i", file], sealed);
      chmodSync(key, 0o444);
      expect((await open()).stderr).toMatch(/0444/);
      chmodSync(key, 0o400);
      renameSync(key, `${key}.moved`);
      expect((await open()).stderr).toMatch(/there is no|does not exist|missing/i);
      renameSync((await make(runtime)).key, key);
      expect((await open()).stderr).toMatch(/it holds another key than the identity names/);
      const other = recipient.endsWith("x") ? "y" : "x";
      const wrong = await age(runtime, ["-r", `${recipient.slice(0, -1)}${other}`], "a");
      expect([wrong.status, wrong.stdout.length]).toEqual([1, 0]);
    });

    it.runIf(SOAK)("asks for no passphrase without a terminal, and reads nothing", async () => {
      const { file, recipient } = await makeSealed(runtime, "correct horse");
      const sealed = await done(age(runtime, ["-r", recipient], "a message")); // needs none
      const { status, stdout, stderr } = await age(runtime, ["-d", "-i", file], sealed);
      expect([status, stdout.length]).toEqual([1, 0]);
      expect(stderr).toMatch(/it is sealed, and there is no terminal to ask for its passphrase/);
    });

    it.runIf(SOAK && MISSING === null)(`${NOT_RUN}asks on the terminal itself`, async () => {
      const { key, file, recipient } = await makeSealed(runtime, "correct horse");
      const message = fresh("age");
      writeFileSync(message, await done(age(runtime, ["-r", recipient], "a message")));
      for (const [typed, seen] of [
        ["wrong horse", /passphrase is wrong|wrong passphrase|another/],
        ["correct horse", /a message/],
      ] as const) {
        const { folder: bin } = writeAgePlugin(folder, runtime);
        const pty = new Pty([AGE, "-d", "-i", file, message], environmentWith(bin));
        try {
          await pty.saw(/Passphrase of .*: /);
          expect(pty.text).toContain(key);
          pty.type(`${typed}\r`);
          await pty.saw(seen);
          await pty.ended;
          expect(pty.text).not.toContain(typed);
        } finally {
          await pty.close();
        }
      }
    });

    it.runIf(SOAK)("is a plugin for Lethe's own client", async () => {
      const secrets = openSecrets({ memory: "heap" });
      const envelopes = openEnvelopes(secrets);
      const { file, recipient } = await make(runtime);
      const text = /AGE-PLUGIN-LETHE-1\S+/.exec(readFileSync(file, "utf8"))?.[0] ?? "";
      const identity = new Uint8Array(Buffer.from(text));
      const { path: program } = writeAgePlugin(folder, runtime);
      const wrapper = usePlugin(secrets, { program, recipient, identity });
      const other = envelopes.createIdentity();
      expect(await runWrapperConformance({ secrets, wrapper, other })).toEqual([]);
      for (const one of [wrapper, other]) one.destroy();
      expect(secrets.stats.live).toBe(0);
    });

    it.runIf(SOAK)("names keys that lethe envelope opens with itself", async () => {
      const { file, recipient } = await make(runtime);
      const sealed = await makeSealed(runtime, "correct horse");
      const [message, phrase] = [fresh("age"), fresh("phrase")];
      writeFileSync(phrase, "correct horse\n");
      const to = ["--to", recipient, "--to", sealed.recipient];
      await done(
        runDetached(runtime, lethe(runtime, "envelope", "seal", ...to, "-", message), "a"),
      );
      const open = (identity: string): readonly string[] =>
        lethe(runtime, "envelope", "open", "--identity", identity, message, "-");
      expect(`${await done(runDetached(runtime, open(file)))}`).toBe("a");
      const withPhrase = ["/bin/sh", "-c", 'exec "$@" 3<"$0"', phrase, ...open(sealed.file)];
      const opened = runDetached(runtime, [...withPhrase, "--passphrase-fd", "3"]);
      expect(`${await done(opened)}`).toBe("a");
      renameSync((await make(runtime)).key, sealed.key);
      const { status, stderr } = await runDetached(runtime, open(sealed.file));
      expect([status, stderr]).toEqual([4, expect.stringMatching(/holds another key than/)]);
    });

    it.runIf(SOAK)("ends in bounded memory whatever a client sends", async () => {
      const body = `${`${"A".repeat(64)}\n`.repeat(900)}\n`;
      for (const [text, message] of [
        ["a".repeat(65_536), /sent something that is not a command/],
        [`-> ${"a".repeat(65_536)}`, /more than a plugin of Lethe keeps/],
        [`-> grease\n${body}`, /does not come to an end/],
        [`-> recipient-stanza 0 X25519 a\n${body}`, /more than a plugin of Lethe keeps/],
        ["-> recipient-stanza 0 other\n\n", /does not come to an end/],
      ] as const) {
        const { path } = writeAgePlugin(folder, runtime);
        const flooded = await flood(path, text);
        expect(flooded.status, text.slice(0, 40)).toBe(1);
        expect(flooded.stderr).toMatch(message);
        expect(flooded.peak).toBeLessThan(400_000); // KiB; a runtime alone has up to 150,000
      }
    });

    it.runIf(SOAK)("refuses wrong usage, and a client that is none", async () => {
      for (const [words, input, status, message] of [
        [["--age-plugin=identity-v2"], "", 1, /only recipient-v1 and identity-v1/],
        [["--age-plugin="], "", 1, /only recipient-v1 and identity-v1/],
        [["--age-plugin=identity-v1", "more"], "", 2, /takes nothing beside it/],
        [["--age-plugin=identity-v1"], "", 1, /it ended before it was done; start it again/],
        [["--age-plugin=identity-v1"], "hello\n", 1, /not a command of this state machine/],
        [[], "", 2, /plugin takes KEY and OUT/],
        [["--plain", "a", "b"], "", 2, /--plain goes with --generate/],
        [["--to", "age1", "a", "b"], "", 2, /plugin takes no --to/],
      ] as const) {
        const { path } = writeAgePlugin(folder, runtime);
        const ended = await runDetached(runtime, [path, ...words], input);
        expect([ended.status, ended.stdout.length], words.join(" ")).toEqual([status, 0]);
        expect(ended.stderr).toMatch(message);
      }
      const { stdout } = await plugin(runtime, "--help");
      expect(`${stdout}`).toMatch(/^Usage: lethe envelope plugin KEY OUT/);
    });
  },
);
