/** The plugin's side of the protocol, over what a client says by the book. */
import { afterAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import {
  ANSWERS,
  command,
  Keys,
  served,
  type Told,
} from "../../testing/features/age_plugins/served.ts";
import {
  DONE,
  FIRST,
  identityOf,
  PATH,
  pairOf,
  recipientOf,
  stanzasFor,
} from "../../testing/features/age_plugins/served_keys.ts";
import { born } from "../crypto/lend.ts";
import { formatKeyRecipient } from "../envelopes/key_names.ts";
import { openEnvelopes } from "../envelopes/mod.ts";
import type { OpenedKey } from "./serve.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
const [mine, other, third] = [pairOf(secrets), pairOf(secrets), pairOf(secrets)];
const before = secrets.stats.live;
afterAll(() => expect(secrets.stats.live).toBe(before));

const problems = (told: readonly Told[]): readonly string[] =>
  told.map(({ args, body }) => `${args.join(" ")}: ${body}`);

const stanzas = (file: number, key: OpenedKey, fileKey: Uint8Array): string =>
  stanzasFor(secrets, file, key, fileKey);

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
    const both = stanzas(0, third, FIRST) + stanzas(0, other, FIRST);
    const first = await served(secrets, "identity-v1", said(both), keys);
    expect(problems(first)).toEqual([`file-key 0: ${FIRST}`]);
    expect(keys.opened).toEqual(["/plain"]);
    const more = both + stanzas(7, mine, SECOND);
    expect(problems(await served(secrets, "identity-v1", said(more), keys))).toEqual([
      `file-key 0: ${FIRST}`,
      `file-key 7: ${SECOND}`,
    ]);
    expect(keys.opened.slice(1)).toEqual(["/plain", "/sealed"]);
    keys.opened.length = 0;
    expect(await served(secrets, "identity-v1", said(""), keys)).toEqual([]);
    expect(keys.opened).toEqual([]);
    const strangers = stanzas(0, pairOnce(), FIRST);
    expect(await served(secrets, "identity-v1", said(strangers), keys)).toEqual([]);
  });

  it("says why an identity does not open, only where no other one did", async () => {
    const keys = new Keys({ "/sealed": "the passphrase is another", "/moved": other, "/b": mine });
    const said =
      ["/sealed", "/moved", "/none", "/none"]
        .map((path) => command(`add-identity ${identityOf(mine, path)}`))
        .join("") + stanzas(0, mine, FIRST);
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
    const text = identityOf(mine);
    const said =
      command(`add-identity ${text}`) +
      command(`add-identity ${text.slice(0, -1)}${text.endsWith("Q") ? "P" : "Q"}`) +
      stanzas(0, mine, FIRST);
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
      const good = stanzas(0, mine, FIRST);
      const said =
        command(`add-identity ${identityOf(mine)}`) +
        (isLast ? good : command("recipient-stanza 0 unknown")) +
        stanza +
        (isLast ? "" : good) +
        stanzas(1, mine, SECOND);
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
  const key = pairOf(secrets);
  setImmediate(() => key.secretKey.destroy());
  return key;
}
