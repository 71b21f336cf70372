/** Plugins as separate programs: one by the book, and one for each way to break it. The program age speaks with the same one. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { usePlugin } from "../../adapters/node/age_plugins.ts";
import { LetheError, type SecretBuffer } from "../../core/mod.ts";
import {
  bech32,
  bytes,
  IDENTITY,
  PluginStage,
  RECIPIENT,
} from "../../testing/features/age_plugins/plugin_stage.ts";
import { AGE, hasAge, WITHOUT_AGE } from "../../testing/features/envelopes/age.ts";
import { SOAK } from "../../testing/tier.ts";
import { runWrapperConformance } from "../envelopes/mod.ts";
import { pluginsOver } from "./mod.ts";

const stage = new PluginStage();
const { secrets, envelopes, plugin, use, own, textOf, expectFailure } = stage;
afterEach(() => stage.endTest());
afterAll(() => stage.remove());

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
    const env = { ...process.env, PATH: `${stage.folder}:${process.env["PATH"]}` };
    const theirs = execFileSync(AGE, ["-r", RECIPIENT], { input: "from age", env });
    expect(textOf(await envelopes.open(theirs, [use("")]))).toBe("from age");
    const ours = await envelopes.seal(bytes("from lethe"), [use("")]);
    const file = join(stage.folder, "identity.txt");
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

  it("that does not start says why, and another identity does", async () => {
    const program = join(stage.folder, "age-plugin-lethetest-unstartable");
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

  it("is started by no path that others could change, nor by a relative one", () => {
    const path = plugin("");
    const options = { recipient: RECIPIENT };
    expect(() => usePlugin(secrets, { ...options, program: "age-plugin-lethetest" })).toThrow(
      TypeError,
    );
    expect(() => usePlugin(secrets, { ...options, program: `${path}-none` })).toThrow(
      /no such program/,
    );
    const open = join(stage.folder, "open");
    mkdirSync(open);
    writeFileSync(join(open, "age-plugin-lethetest"), "#!/bin/sh\n", { mode: 0o755 });
    chmodSync(open, 0o777);
    expect(() =>
      usePlugin(secrets, { ...options, program: join(open, "age-plugin-lethetest") }),
    ).toThrow(/can write to .*; give the path of one that only they change$/);
    const plain = join(stage.folder, "plain");
    writeFileSync(plain, "#!/bin/sh\n", { mode: 0o644 });
    const remedies: readonly (readonly [string, RegExp])[] = [
      [plain, /is not a program; give the path of a file that may be executed/],
      [
        join(stage.folder, "x".repeat(300)),
        /cannot be read: ENAMETOOLONG; let this process read it/,
      ],
    ];
    for (const [program, message] of remedies) {
      expect(() => usePlugin(secrets, { ...options, program })).toThrow(message);
    }
    const searched = process.env["PATH"];
    process.env["PATH"] = `${stage.folder}:${searched}`;
    expect(() => usePlugin(secrets, options)).toThrow(/there is no age-plugin-lethetest/);
    process.env["PATH"] = searched;
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
