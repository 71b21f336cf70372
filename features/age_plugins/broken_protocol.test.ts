/** The plugin's side of the protocol, over what a client says that breaks it, one way each. */
import { afterAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { command, Keys, served } from "../../testing/features/age_plugins/served.ts";
import {
  DONE,
  FIRST,
  identityOf,
  PATH,
  pairOf,
  recipientOf,
  stanzasFor,
} from "../../testing/features/age_plugins/served_keys.ts";
import { SOAK } from "../../testing/tier.ts";

const secrets = openSecrets({ memory: "heap" });
const mine = pairOf(secrets);
const before = secrets.stats.live;
afterAll(() => expect(secrets.stats.live).toBe(before));

describe("a client that breaks the protocol", () => {
  const recipient = `add-recipient ${recipientOf(mine)}`;
  const stanza = "recipient-stanza 0 X25519 x";
  it.each([
    ["recipient-v1", "", /ended before it was done/],
    ["recipient-v1", command(recipient), /ended before it was done/],
    ["recipient-v1", "hello\n", /sent something that is not a command/],
    ["recipient-v1", "-> a  b\n\n", /sent something that is not a command/],
    ["recipient-v1", `-> a\n${"A".repeat(65)}\n`, /sent something that is not a command/],
    ["recipient-v1", command("done now"), /gives done in another form/],
    ["recipient-v1", command("done", "now"), /gives done in another form/],
    ["recipient-v1", command("add-recipient"), /gives add-recipient in another form/],
    ["recipient-v1", command(`${recipient} more`), /gives add-recipient in another form/],
    ["recipient-v1", command(recipient, "body"), /gives add-recipient in another form/],
    ["recipient-v1", command("wrap-file-key"), /gives wrap-file-key in another form/],
    ["recipient-v1", command("wrap-file-key 0", FIRST), /gives wrap-file-key in another form/],
    ["recipient-v1", command("wrap-file-key", "15 bytes of key"), /gives wrap-file-key in another/],
    ["recipient-v1", command("wrap-file-key", "17 bytes of a key"), /gives wrap-file-key in anoth/],
    ["recipient-v1", DONE + command("pardon"), /gives no answer/],
    ["recipient-v1", DONE + DONE, /gives no answer/],
    ["recipient-v1", DONE, /ended before it was done/],
    ["identity-v1", command("add-identity"), /gives add-identity in another form/],
    ["identity-v1", command("add-identity a b"), /gives add-identity in another form/],
    ["identity-v1", command("recipient-stanza 0"), /gives recipient-stanza in another form/],
    ["identity-v1", command("recipient-stanza 00 x"), /gives recipient-stanza in another form/],
    ["identity-v1", command("recipient-stanza -1 x"), /gives recipient-stanza in another form/],
    ["identity-v1", command(`recipient-stanza ${"9".repeat(10)} x`), /in another form/],
    [
      "identity-v1",
      command("recipient-stanza 1 x") + command("recipient-stanza 0 x"),
      /gives recipient-stanza in another form/,
    ],
  ] as const)("%s: %j is an error, and no secret is left", refuses);

  it.runIf(SOAK).each([
    ["recipient-v1", `-> ${"a".repeat(70_000)}`, /more than a plugin of Lethe keeps/],
    ["recipient-v1", command("wrap-file-key", FIRST).repeat(65), /more than a plugin of Lethe/],
    ["recipient-v1", command(`add-recipient ${"a".repeat(60_000)}`).repeat(80), /more than a plug/],
    ["recipient-v1", command("add-recipient a").repeat(50_001), /does not come to an end/],
    ["identity-v1", command("grease", new Uint8Array(40_000)).repeat(330), /come to an end/],
    [
      "recipient-v1", // as many stanzas as recipients times file keys
      command(`add-recipient ${recipientOf(mine)}`).repeat(400) +
        command("wrap-file-key", FIRST).repeat(64),
      /more than a plugin of Lethe keeps/,
    ],
    ["identity-v1", command("add-identity a").repeat(65), /more than a plugin of Lethe keeps/],
    ["identity-v1", command(stanza, new Uint8Array(40_000)).repeat(90), /more than a plugin of Le/],
  ] as const)("%s: more than is kept is an error (%#)", { timeout: 120_000 }, refuses);

  async function refuses(machine: string, said: string, message: RegExp): Promise<void> {
    const live = secrets.stats.live;
    const call = served(secrets, machine, said);
    await expect(call).rejects.toMatchObject({
      code: "ERR_LETHE_WRAPPER",
      message: expect.stringMatching(message),
    });
    await expect(call).rejects.toThrow(/^Cannot serve age: it .*; (update it|start it again|give)/);
    expect(secrets.stats.live).toBe(live);
  }

  it("does not take a key or a stanza", async () => {
    const wrap = command(recipient) + command("wrap-file-key", FIRST) + DONE;
    const unwrap =
      command(`add-identity ${identityOf(mine)}`) + stanzasFor(secrets, 0, mine, FIRST) + DONE;
    for (const [machine, said, name] of [
      ["recipient-v1", wrap, "recipient-stanza"],
      ["identity-v1", unwrap, "file-key"],
    ] as const) {
      for (const answer of ["fail", "unsupported"]) {
        const answers = command("unsupported") + command(answer);
        const holder = new Keys({ [PATH]: mine });
        await expect(served(secrets, machine, said + answers, holder)).rejects.toThrow(
          `Cannot serve age: it does not take a ${name}; update it`,
        );
      }
    }
  });

  it("asks for a state machine of tomorrow", async () => {
    for (const machine of ["identity-v2", "", "toString"]) {
      await expect(served(secrets, machine, "")).rejects.toMatchObject({
        code: "ERR_LETHE_UNSUPPORTED",
        message: expect.stringMatching(/only recipient-v1 and identity-v1; update Lethe$/),
      });
    }
  });
});
