/** Plugins as separate programs: one by the book, and one for each way to break it. The program age speaks with the same one. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { usePlugin } from "../../adapters/node/age_plugins.ts";
import { openSecrets } from "../../adapters/node/mod.ts";
import { expectNoResidue } from "../../conformance/mod.ts";
import { LetheError, type SecretBuffer } from "../../core/mod.ts";
import { writePlugin } from "../../testing/features/age_plugins/write_plugin.ts";
import { AGE, hasAge, WITHOUT_AGE } from "../../testing/features/envelopes/age.ts";
import {
  EVERY_RUNTIME,
  RUNTIMES,
  run,
  startWaiting,
} from "../../testing/features/key_files/children.ts";
import { SOAK } from "../../testing/tier.ts";
import { bech32Encode, bech32Length } from "../envelopes/bech32.ts";
import { parseHeader } from "../envelopes/header.ts";
import { openEnvelopes, runWrapperConformance } from "../envelopes/mod.ts";
import { pluginsOver } from "./mod.ts";
import type { PluginOptions, PluginWrapper } from "./types.ts";

const folder = mkdtempSync(join(tmpdir(), "lethe-plugins-"));
afterAll(() => rmSync(folder, { recursive: true }));
const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);

const plugin = (way: string): string => writePlugin(folder, way);

function bech32(prefix: string): string {
  const text = new Uint8Array(bech32Length(prefix, 8));
  bech32Encode(prefix, new Uint8Array(8).fill(7), text);
  return Buffer.from(text).toString();
}

const RECIPIENT = bech32("age1lethetest");
const IDENTITY = bech32("AGE-PLUGIN-LETHETEST-");
const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));

function use(way: string, more: Partial<PluginOptions> = {}): PluginWrapper {
  const keys = { recipient: RECIPIENT, identity: bytes(IDENTITY) };
  return own(usePlugin(secrets, { program: plugin(way), ...keys, ...more }));
}

/**
 * What the tests themselves made. Each test ends it, and nothing else is then left: a secret that was dropped would be
 * counted until it is collected, in the middle of some later test.
 */
const mine: { destroy(): void }[] = [];
afterEach(() => {
  for (const one of mine.splice(0)) one.destroy();
  expect(secrets.stats.live).toBe(0);
});

function own<T extends { destroy(): void }>(one: T): T {
  mine.push(one);
  return one;
}

const textOf = (secret: SecretBuffer): string =>
  own(secret).expose((view) => Buffer.from(view).toString());

/** Memory that a scan can read. */
const SUBJECTS = [
  ["node", "sodium"],
  ["deno", "pages"],
  ["bun", "pages"],
] as const;

describe.skipIf(!SOAK || process.platform !== "linux")("residue", { timeout: 300_000 }, () => {
  it.each(SUBJECTS)(
    "on %s, %s memory: no file key, identity, PIN or payload is left",
    async (runtime, memory) => {
      const place = mkdtempSync(join(folder, `${runtime}-`));
      const [pin, payload, leaky] = [bytes("1234-5678-9012"), randomBytes(64), randomBytes(32)];
      const data = randomBytes(24);
      const identity = new Uint8Array(bech32Length("AGE-PLUGIN-LETHETEST-", 24));
      bech32Encode("AGE-PLUGIN-LETHETEST-", data, identity);
      for (const [name, content] of Object.entries({ pin, payload, leaky, identity })) {
        writeFileSync(join(place, name), content, { mode: 0o600 });
      }
      const program = resolve("testing/features/age_plugins/probe.ts");
      const [file = "", ...words] = RUNTIMES[runtime] ?? [];
      const allowed = runtime === "deno" ? ["--allow-run", "--allow-sys", "--allow-env"] : [];
      const command = [file, ...words, ...allowed, program, runtime, memory, plugin("pin"), place];
      const target = await startWaiting<{ made: readonly string[] }>(command);
      try {
        expect(target.said).toMatchObject({ memory, live: 0 });
        const needles = [
          { label: "payload", bytes: new Uint8Array(payload) },
          { label: "PIN", bytes: pin },
          { label: "identity as text", bytes: identity.slice(21) },
          { label: "identity", bytes: new Uint8Array(data) },
        ];
        for (const name of target.said.made) {
          const { stanzas } = parseHeader(new Uint8Array(readFileSync(join(place, name))));
          const body = stanzas[0]?.body ?? new Uint8Array(48);
          const key = body.slice(32).map((byte, at) => byte ^ 0x5a ^ (body[at] as number));
          needles.push({ label: `file key of ${name}`, bytes: key });
          const text = Buffer.from(key).toString("base64").slice(0, 22);
          needles.push({ label: `its base64`, bytes: bytes(text) });
        }
        const witness = { label: "leaky", bytes: new Uint8Array(leaky) };
        expectNoResidue({ pid: target.pid, needle: needles, witness });
      } finally {
        await target.stop();
      }
    },
  );
});

describe.skipIf(process.platform !== "linux")("a plugin", { timeout: 60_000 }, () => {
  it("wraps and unwraps, says what it has to say, and leaves no secret", async () => {
    const said: string[] = [];
    const identity = bytes(IDENTITY);
    use("", { identity });
    expect(identity.every((byte) => byte === 0)).toBe(true);
    const key = use("", { onMessage: (text) => said.push(text) });
    const other = own(envelopes.createIdentity());
    const before = secrets.stats.live;
    process.env["LETHE_TEST_LEAK"] = "leaked"; // no plugin gets it
    const envelope = await envelopes.seal(bytes("a message"), [key, other]);
    expect(secrets.stats.live).toBe(before);
    expect(textOf(await envelopes.open(envelope, [key]))).toBe("a message");
    delete process.env["LETHE_TEST_LEAK"];
    expect(said).toEqual(["touch your token: é", "touch your token: é"]);
  });

  it.runIf(SOAK)("follows the rules of wrappers", async () => {
    const [wrapper, other] = [use(""), own(envelopes.createIdentity())];
    expect(await runWrapperConformance({ secrets, wrapper, other })).toEqual([]);
  });

  it.runIf(SOAK && hasAge)(`is the same to age, in both directions${WITHOUT_AGE}`, async () => {
    plugin("");
    const env = { ...process.env, PATH: `${folder}:${process.env["PATH"]}` };
    const theirs = execFileSync(AGE, ["-r", RECIPIENT], { input: "from age", env });
    expect(textOf(await envelopes.open(theirs, [use("")]))).toBe("from age");
    const ours = await envelopes.seal(bytes("from lethe"), [use("")]);
    const file = join(folder, "identity.txt");
    writeFileSync(file, `${IDENTITY}\n`, { mode: 0o600 });
    const opened = execFileSync(AGE, ["-d", "-i", file], { input: ours, env });
    expect(opened.toString()).toBe("from lethe");
  });

  it.runIf(SOAK)(
    "gets a PIN from a secret, which is destroyed, and says so when it is wrong",
    async () => {
      const pins: SecretBuffer[] = [];
      const give = (pin: string) => () => {
        pins.push(secrets.move(bytes(pin)));
        return pins.at(-1) as SecretBuffer;
      };
      const envelope = await envelopes.seal(bytes("a"), [
        use("pin", { onSecret: give("1234-5678-9012") }),
      ]);
      textOf(await envelopes.open(envelope, [use("pin", { onSecret: give("1234-5678-9012") })]));
      expect(pins.map(({ state }) => state)).toEqual(["destroyed", "destroyed"]);
      const said: string[] = [];
      const onMessage = (text: string): void => void said.push(text);
      for (const more of [{ onSecret: give("9999"), onMessage }, { onMessage }]) {
        await expect(envelopes.open(envelope, [use("pin", more)])).rejects.toMatchObject({
          code: "ERR_LETHE_WRAPPER",
          message: expect.stringMatching(/reports an error \(internal\)/),
        });
      }
      expect(said).toContain("wrong PIN");
    },
  );

  it.runIf(SOAK).each([
    ["early", /ended early|no longer reads/],
    ["dies", /ended early/],
    ["silent", /did not answer in time/],
    ["garbage", /not a stanza/],
    ["arguments", /not a stanza/],
    ["floods", /did not answer in time/],
    ["endless", /did not answer in time|does not come to an end/],
    ["huge", /too much at once/],
    ["short", /of another length/],
    ["index", /that nobody asked for/],
    ["twice", /that nobody asked for/],
  ])("that %s is an error in time, and no secret is left", async (way, message) => {
    const envelope = await envelopes.seal(bytes("a"), [use("")]);
    const key = use(way, { timeout: 2000 });
    await expectFailure(() => envelopes.open(envelope, [key]), message);
  });

  it.runIf(SOAK)("that gives more stanzas than an envelope has room for is refused", async () => {
    const key = use("large");
    await expectFailure(
      () => envelopes.seal(bytes("a"), [key]),
      /more than an envelope has room for/,
    );
  });

  it.runIf(SOAK)("reads an envelope with more stanzas than its pipe holds at once", async () => {
    const stranger = own(envelopes.createIdentity());
    const recipients = [...new Array(4000).fill(stranger), use("")];
    const envelope = await envelopes.seal(bytes("a message"), recipients);
    expect(textOf(await envelopes.open(envelope, [use("")]))).toBe("a message");
    const deaf = use("deaf", { timeout: 1000 });
    await expectFailure(() => envelopes.open(envelope, [deaf]), /did not answer in time/);
  });

  it
    .runIf(SOAK)
    .each(
      Object.entries(EVERY_RUNTIME).flatMap(([runtime, command]) =>
        ["deaf", "floods", "early"].map((way) => [runtime, way, command] as const),
      ),
    )(
    "on %s, one that %s is an error in time, and holds nothing up",
    async (runtime, way, command) => {
      const envelope = join(folder, "many.age");
      if (!existsSync(envelope)) {
        const recipients = [...new Array(1000).fill(own(envelopes.createIdentity())), use("")];
        writeFileSync(envelope, await envelopes.seal(bytes("a"), recipients));
      }
      const allowed = runtime === "deno" ? ["--allow-run", "--allow-sys", "--allow-env"] : [];
      const entry = runtime.replace(/-.*/, "");
      const program = resolve("testing/features/age_plugins/patience.ts");
      const words = [...command, ...allowed, program, entry, plugin(way), IDENTITY, envelope];
      const { stdout, stderr } = run(words);
      const said = JSON.parse(stdout === "" ? `"${stderr}"` : stdout);
      expect(said.message).toMatch(
        way === "early" ? /ended early|no longer reads/ : /did not answer in time/,
      );
      expect(said.live).toBe(0);
      if (way === "early") return;
      expect(said.milliseconds).toBeLessThan(4000);
      expect(said.turns).toBeGreaterThan(20);
    },
  );

  it("that does not start says why, and another identity does", async () => {
    const program = join(folder, "age-plugin-lethetest-unstartable");
    writeFileSync(program, "#!/there/is/none\n", { mode: 0o755 });
    const other = own(envelopes.createIdentity());
    const envelope = await envelopes.seal(bytes("a message"), [other]);
    const key = use("", { program });
    await expectFailure(() => envelopes.open(envelope, [key]), /did not start \(ENOENT\)/);
    expect(textOf(await envelopes.open(envelope, [key, other]))).toBe("a message");
  });

  it("without pipes is the failure of a plugin, with the reason that they have", async () => {
    const unusable = pluginsOver(() => {
      throw new LetheError("ERR_LETHE_UNAVAILABLE", "Cannot open guarded memory: it needs that");
    });
    const key = own(unusable(secrets, { program: plugin(""), recipient: RECIPIENT }));
    const fileKey = own(secrets.random(16));
    await expectFailure(
      async () => await key.wrap(fileKey),
      /^Cannot use age-plugin-lethetest: it needs that$/,
    );
  });

  it.runIf(SOAK)("takes no PIN but in a secret", async () => {
    for (const pin of ["1234-5678-9012", bytes("1234-5678-9012"), {}]) {
      const key = use("pin", { onSecret: () => pin as never });
      await expect(envelopes.seal(bytes("a"), [key])).rejects.toThrow(/must be a SecretBuffer/);
    }
  });

  it.runIf(SOAK)("ends with its secrets when they are purged in the middle", async () => {
    const envelope = await envelopes.seal(bytes("a"), [use("")]);
    const opening = envelopes.open(envelope, [use("silent")]);
    setTimeout(() => secrets.purge(), 500);
    await expect(opening).rejects.toMatchObject({
      code: "ERR_LETHE_DESTROYED",
      message: expect.stringMatching(/its secrets were purged/),
    });
  });

  async function expectFailure(call: () => Promise<unknown>, message: RegExp): Promise<void> {
    const before = secrets.stats.live;
    await expect(call()).rejects.toMatchObject({
      code: "ERR_LETHE_WRAPPER",
      message: expect.stringMatching(message),
    });
    expect(secrets.stats.live).toBe(before);
  }

  it("is started by no path that others could change, nor by a relative one", () => {
    const path = plugin("");
    const options = { recipient: RECIPIENT };
    expect(() => usePlugin(secrets, { ...options, program: "age-plugin-lethetest" })).toThrow(
      TypeError,
    );
    expect(() => usePlugin(secrets, { ...options, program: `${path}-none` })).toThrow(
      /no such program/,
    );
    const open = join(folder, "open");
    mkdirSync(open);
    writeFileSync(join(open, "age-plugin-lethetest"), "#!/bin/sh\n", { mode: 0o755 });
    chmodSync(open, 0o777);
    expect(() =>
      usePlugin(secrets, { ...options, program: join(open, "age-plugin-lethetest") }),
    ).toThrow(/can write to .*; give the path of one that only they change$/);
    const plain = join(folder, "plain");
    writeFileSync(plain, "#!/bin/sh\n", { mode: 0o644 });
    const remedies: readonly (readonly [string, RegExp])[] = [
      [plain, /is not a program; give the path of a file that may be executed/],
      [join(folder, "x".repeat(300)), /cannot be read: ENAMETOOLONG; let this process read it/],
    ];
    for (const [program, message] of remedies) {
      expect(() => usePlugin(secrets, { ...options, program })).toThrow(message);
    }
    process.env["PATH"] = `${folder}:${process.env["PATH"]}`;
    expect(() => usePlugin(secrets, options)).toThrow(/there is no age-plugin-lethetest/);
  });

  it("refuses what is not a recipient or identity of one plugin, without quoting it", () => {
    const before = secrets.stats.live;
    const program = plugin("");
    for (const options of [
      {},
      { recipient: "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj" },
      { recipient: `${RECIPIENT.slice(0, -1)}q` },
      { recipient: `${RECIPIENT}\n` },
      { recipient: bech32("age1another"), identity: bytes(IDENTITY) },
      { identity: bytes(`${IDENTITY}\n`) },
      { identity: bytes(IDENTITY.toLowerCase()) },
      { identity: IDENTITY },
      { recipient: RECIPIENT, onSecret: 1 },
      { recipient: RECIPIENT, timeout: 0 },
      { recipient: RECIPIENT, pin: "1" },
    ]) {
      const make = usePlugin as (...args: unknown[]) => unknown;
      expect(() => make(secrets, { program, ...options }), JSON.stringify(options)).toThrow(
        /^Cannot use plugin/,
      );
    }
    expect(secrets.stats.live).toBe(before);
  });
});
