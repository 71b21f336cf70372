/** Plugins that break the protocol, one way each. */
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { bytes, IDENTITY, PluginStage } from "../../testing/features/age_plugins/plugin_stage.ts";
import { EVERY_RUNTIME, run } from "../../testing/features/key_files/children.ts";
import { SOAK } from "../../testing/tier.ts";

const stage = new PluginStage();
const { secrets, envelopes, plugin, use, own, textOf, expectFailure } = stage;
afterEach(() => stage.endTest());
afterAll(() => stage.remove());

describe.skipIf(process.platform !== "linux")("a plugin", { timeout: 60_000 }, () => {
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
      const envelope = join(stage.folder, "many.age");
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

  it.runIf(SOAK)("ends with its secrets when they are purged in the middle", async () => {
    const envelope = await envelopes.seal(bytes("a"), [use("")]);
    const opening = envelopes.open(envelope, [use("silent")]);
    setTimeout(() => secrets.purge(), 500);
    await expect(opening).rejects.toMatchObject({
      code: "ERR_LETHE_DESTROYED",
      message: expect.stringMatching(/its secrets were purged/),
    });
  });
});
