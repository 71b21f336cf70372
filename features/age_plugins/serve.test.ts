/** The plugin's side of the protocol, over what a client says: by the book, and in each way that is not. */
import { afterAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Stanza } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import {
  ANSWERS,
  command,
  Keys,
  served,
  type Told,
} from "../../testing/features/age_plugins/served.ts";
import { SOAK } from "../../testing/tier.ts";
import { born } from "../crypto/lend.ts";
import { openCrypto } from "../crypto/mod.ts";
import { formatKeyIdentity, formatKeyRecipient } from "../envelopes/key_names.ts";
import { openEnvelopes } from "../envelopes/mod.ts";
import type { OpenedKey } from "./serve.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
function pair(): OpenedKey {
  const { publicKey, secretKey } = openCrypto(secrets).agreeKeyPair();
  return { publicKey: Uint8Array.from(publicKey), secretKey };
}
const [mine, other, third] = [pair(), pair(), pair()];
const before = secrets.stats.live;
afterAll(() => expect(secrets.stats.live).toBe(before));

const DONE = command("done");
const PATH = "/keys/plain";
const identityOf = ({ publicKey }: OpenedKey, path: string = PATH): string =>
  formatKeyIdentity({ publicKey, path });
const recipientOf = ({ publicKey }: OpenedKey): string => formatKeyRecipient(publicKey);
const problems = (told: readonly Told[]): readonly string[] =>
  told.map(({ args, body }) => `${args.join(" ")}: ${body}`);

/** Stanzas of file keys, as a client passes them on. */
function stanzasFor(file: number, key: OpenedKey, fileKey: Uint8Array): string {
  const secret = secrets.move(Uint8Array.from(fileKey));
  const identity = envelopes.useKey({ type: "x25519", bits: 256, ...key });
  const stanzas = identity.wrap(secret) as readonly Stanza[];
  for (const one of [secret, identity]) one.destroy();
  return stanzas
    .map(({ args, body }) => command(`recipient-stanza ${file} ${args.join(" ")}`, body))
    .join("");
}

/** The file key in what was told, by a key. */
function opened({ args, body }: Told, key: OpenedKey): string | null {
  const [, , type = "", ...rest] = args;
  const identity = envelopes.useKey({ type: "x25519", bits: 256, ...key });
  const stanza = { args: [type, ...rest] as const, body: new Uint8Array(body) };
  const secret = identity.unwrap([stanza], (byteLength, fill) =>
    born(secrets, byteLength, fill),
  ) as SecretBuffer | null;
  const text = secret?.expose((bytes) => Buffer.from(bytes).toString()) ?? null;
  identity.destroy();
  secret?.destroy();
  return text;
}

const FIRST = Buffer.from("the first key 16");
const SECOND = Buffer.from("the second key16");

describe("recipient-v1", () => {
  it("wraps each file key to each recipient and identity, without a key file", async () => {
    const told = await served(
      secrets,
      "recipient-v1",
      command("extension-labels") +
        command(`add-recipient ${recipientOf(mine)}`) +
        command("wrap-file-key", FIRST) +
        command("a-command-of-tomorrow with arguments", "and a body") +
        command(`add-identity ${identityOf(other, "/there/is/no/such/file")}`) +
        command("wrap-file-key", SECOND) +
        DONE +
        ANSWERS,
    );
    expect(told.map(({ args }) => args.slice(0, 3).join(" "))).toEqual([
      "recipient-stanza 0 X25519",
      "recipient-stanza 0 X25519",
      "recipient-stanza 1 X25519",
      "recipient-stanza 1 X25519",
    ]);
    expect(told.map((one) => [opened(one, mine), opened(one, other)])).toEqual([
      [`${FIRST}`, null],
      [null, `${FIRST}`],
      [`${SECOND}`, null],
      [null, `${SECOND}`],
    ]);
  });

  it("says of each that is none which it was, and gives no stanza at all", async () => {
    const lowOrder = formatKeyRecipient(new Uint8Array(32));
    const text = recipientOf(mine);
    const told = await served(
      secrets,
      "recipient-v1",
      [
        `add-recipient ${recipientOf(mine)}`,
        `add-recipient ${text.slice(0, -1)}${text.endsWith("q") ? "p" : "q"}`,
        "add-identity AGE-PLUGIN-LETHE-1",
        `add-recipient ${lowOrder}`,
        `add-recipient age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj`,
      ]
        .map((args) => command(args))
        .join("") +
        command("wrap-file-key", FIRST) +
        DONE +
        ANSWERS,
    );
    expect(problems(told)).toEqual([
      expect.stringMatching(/^error recipient 1: .*not a whole recipient/),
      expect.stringMatching(/^error identity 0: .*not a whole identity/),
      expect.stringMatching(/^error recipient 2: .*everybody could open/),
      expect.stringMatching(/^error recipient 3: .*not a whole recipient/),
    ]);
    const nobody = command("wrap-file-key", FIRST) + DONE + ANSWERS;
    expect(problems(await served(secrets, "recipient-v1", nobody))).toEqual([
      expect.stringMatching(/^error internal: there is no recipient/),
    ]);
  });

  it("wraps no key that everybody knows", async () => {
    const said = command(`add-recipient ${recipientOf(mine)}`);
    const zeros = command("wrap-file-key", new Uint8Array(16));
    const first = command("wrap-file-key", FIRST);
    const told = await served(secrets, "recipient-v1", said + first + zeros + DONE + ANSWERS);
    expect(problems(told)).toEqual([expect.stringMatching(/^error internal: .*zero/)]);
  });
});

describe("identity-v1", () => {
  it("opens files with several keys, plain ones first, and no key file that is not needed", async () => {
    const keys = new Keys({ "/sealed": mine, "/plain": other, "/sealed/more": third });
    const said = (files: string): string =>
      command(`add-identity ${identityOf(mine, "/sealed")}`) +
      command("recipient-stanza 0 of-another-plugin x", "anything") +
      files +
      command(`add-identity ${identityOf(other, "/plain")}`) +
      command(`add-identity ${identityOf(other, "/plain")}`) +
      command(`add-identity ${identityOf(third, "/sealed/more")}`) +
      command("a-command-of-tomorrow") +
      DONE +
      ANSWERS;
    const both = stanzasFor(0, third, FIRST) + stanzasFor(0, other, FIRST);
    const first = await served(secrets, "identity-v1", said(both), keys);
    expect(problems(first)).toEqual([`file-key 0: ${FIRST}`]);
    expect(keys.opened).toEqual(["/plain"]);
    const more = both + stanzasFor(7, mine, SECOND);
    expect(problems(await served(secrets, "identity-v1", said(more), keys))).toEqual([
      `file-key 0: ${FIRST}`,
      `file-key 7: ${SECOND}`,
    ]);
    expect(keys.opened.slice(1)).toEqual(["/plain", "/sealed"]);
    keys.opened.length = 0;
    expect(await served(secrets, "identity-v1", said(""), keys)).toEqual([]);
    expect(keys.opened).toEqual([]);
    const strangers = stanzasFor(0, pairOnce(), FIRST);
    expect(await served(secrets, "identity-v1", said(strangers), keys)).toEqual([]);
  });

  it("says why an identity does not open, only where no other one did", async () => {
    const keys = new Keys({ "/sealed": "the passphrase is another", "/moved": other, "/b": mine });
    const said =
      ["/sealed", "/moved", "/none", "/none"]
        .map((path) => command(`add-identity ${identityOf(mine, path)}`))
        .join("") + stanzasFor(0, mine, FIRST);
    const told = await served(secrets, "identity-v1", said + DONE + ANSWERS, keys);
    expect(problems(told)).toEqual([
      "error identity 2: no file",
      expect.stringMatching(/^error identity 1: .*another key than the identity names/),
      "error identity 0: the passphrase is another",
    ]);
    const good = command(`add-identity ${identityOf(mine, "/b")}`);
    const also = await served(secrets, "identity-v1", said + good + DONE + ANSWERS, keys);
    expect(problems(also)).toEqual([`file-key 0: ${FIRST}`]);
  });

  it("opens nothing where an identity is none", async () => {
    const keys = new Keys({ [PATH]: mine });
    const said =
      command(`add-identity ${identityOf(mine)}`) +
      command(`add-identity ${identityOf(mine).slice(0, -1)}Q`) +
      stanzasFor(0, mine, FIRST);
    const told = await served(secrets, "identity-v1", said + DONE + ANSWERS, keys);
    expect(problems(told)).toEqual([expect.stringMatching(/^error identity 1: .*not a whole/)]);
    expect(keys.opened).toEqual([]);
  });

  it("opens nothing of a file with a malformed stanza, and goes on with the others", async () => {
    const share = "c2hhcmUgb2YgYSBzdGFuemEsIDMyIGJ5dGVzIGxvbmc";
    const lowOrder = "A".repeat(43);
    const keys = new Keys({ [PATH]: mine });
    const cases: readonly (readonly [string, number])[] = [
      [command("recipient-stanza 0 X25519", new Uint8Array(32)), 1],
      [command(`recipient-stanza 0 X25519 ${share} more`, new Uint8Array(32)), 1],
      [command(`recipient-stanza 0 X25519 ${share}=`, new Uint8Array(32)), 1],
      [command(`recipient-stanza 0 X25519 ${share}`, new Uint8Array(31)), 1],
      ["-> recipient-stanza 0 X25519 ".concat(share, "\n!\n"), 1],
      [command(`recipient-stanza 0 X25519 ${lowOrder}`, new Uint8Array(32)), 1],
    ];
    for (const [stanza, at] of cases) {
      // The form of a stanza shows before any is opened; a point of low order only to the key.
      const isLast = !stanza.includes(lowOrder);
      const good = stanzasFor(0, mine, FIRST);
      const said =
        command(`add-identity ${identityOf(mine)}`) +
        (isLast ? good : command("recipient-stanza 0 unknown")) +
        stanza +
        (isLast ? "" : good) +
        stanzasFor(1, mine, SECOND);
      const told = await served(secrets, "identity-v1", said + DONE + ANSWERS, keys);
      expect(problems(told).toSorted(), stanza).toEqual([
        expect.stringMatching(new RegExp(`^error stanza 0 ${at}: .*has not the form`)),
        `file-key 1: ${SECOND}`,
      ]);
    }
  });
});

/** A key that no identity names. */
function pairOnce(): OpenedKey {
  const key = pair();
  setImmediate(() => key.secretKey.destroy());
  return key;
}

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
    const unwrap = command(`add-identity ${identityOf(mine)}`) + stanzasFor(0, mine, FIRST) + DONE;
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
