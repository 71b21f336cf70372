import { describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { openCrypto } from "../crypto/mod.ts";
import { bech32Encode, bech32Length } from "./bech32.ts";
import { copyOf } from "./bytes.ts";
import { formatRecipient } from "./identity.ts";
import {
  formatKeyIdentity,
  formatKeyRecipient,
  isKeyIdentity,
  isKeyRecipient,
  readKeyIdentity,
  readKeyRecipient,
} from "./key_names.ts";
import { openEnvelopes } from "./mod.ts";

const bytes = (text: string): Uint8Array<ArrayBuffer> => copyOf(Buffer.from(text));
const publicKey = copyOf(Buffer.from("a public key of exactly 32 bytes"));

/** Any bytes behind a prefix, also those that no key has. */
function named(prefix: string, ...content: readonly (number | string | Uint8Array)[]): string {
  const all = Buffer.concat(
    content.map((part) =>
      typeof part === "number" ? Buffer.of(part) : Buffer.from(part as Uint8Array),
    ),
  );
  const text = new Uint8Array(bech32Length(prefix, all.length));
  bech32Encode(prefix, all, text);
  return Buffer.from(text).toString();
}

describe("names of keys for age-plugin-lethe", () => {
  it("are read as they were written, and keep their form", () => {
    const recipient = formatKeyRecipient(publicKey);
    expect(recipient).toBe("age1lethe1q9sjqur4vfkxjceqddjhjgr0vcsx27rpvd6xc7fqxvezqcnew3jhxgj8mta");
    expect(isKeyRecipient(bytes(recipient))).toBe(true);
    expect(readKeyRecipient(bytes(recipient))).toEqual(publicKey);
    for (const path of ["/k", "/home/é ü/my key", `/${"x".repeat(4094)}`]) {
      const identity = formatKeyIdentity({ publicKey, path });
      expect(identity).toMatch(/^AGE-PLUGIN-LETHE-1[A-Z0-9]+$/);
      expect(isKeyIdentity(bytes(identity))).toBe(true);
      expect(readKeyIdentity(bytes(identity))).toEqual({ publicKey, path });
    }
    for (const text of ["age1zvkyg2lq", "age1lethex1qq", "AGE-SECRET-KEY-1Q", ""]) {
      expect([isKeyRecipient(bytes(text)), isKeyIdentity(bytes(text))]).toEqual([false, false]);
    }
  });

  it("are refused in every other form, and not quoted", () => {
    const recipient = formatKeyRecipient(publicKey);
    const identity = formatKeyIdentity({ publicKey, path: "/k" });
    const long = named("AGE-PLUGIN-LETHE-", 1, publicKey, `/${"x".repeat(4095)}`);
    const cases: readonly (readonly [typeof readKeyIdentity | typeof readKeyRecipient, string])[] =
      [
        ...[
          "",
          "age1lethe1",
          recipient.slice(0, -1),
          `${recipient}q`,
          recipient.toUpperCase(),
          recipient.replace("q9sj", "q9sk"),
          named("age1lethe"),
          named("age1lethe", 0, publicKey),
          named("age1lethe", 2, publicKey),
          named("age1lethe", 1, publicKey.subarray(1)),
          named("age1lethe", 1, publicKey, 0),
          named("age1other", 1, publicKey),
          identity,
        ].map((text) => [readKeyRecipient, text] as const),
        ...[
          "",
          "AGE-PLUGIN-LETHE-1",
          identity.toLowerCase(),
          identity.slice(0, -1),
          `${identity}\n`,
          long,
          named("AGE-PLUGIN-LETHE-", 2, publicKey, "/k"),
          named("AGE-PLUGIN-LETHE-", 1, publicKey),
          named("AGE-PLUGIN-LETHE-", 1, publicKey, "k"),
          ...["/", "//k", "/k/", "/./k", "/../k", "/a/..", "k/", "/a//b"].map((path) =>
            named("AGE-PLUGIN-LETHE-", 1, publicKey, path),
          ),
          ...["/\0", "/\n", "/\x1b[2J", "/\x7f", "/\x9b", "/\u202e", "/\u2028", "/\u200b"].map(
            (path) => named("AGE-PLUGIN-LETHE-", 1, publicKey, path),
          ),
          ...[
            "/a\u3164",
            "/\u034f",
            "/\ufe0f",
            "/\u{e0100}",
            "/a\u00a0b",
            "/a\u2003b",
            "/\ufffe",
          ].map((path) => named("AGE-PLUGIN-LETHE-", 1, publicKey, path)),
          named("AGE-PLUGIN-LETHE-", 1, publicKey, "/", 0xff),
          named("AGE-PLUGIN-LETHE-", 1, publicKey, "/", 0xc0, 0xaf),
          named("AGE-PLUGIN-LETHE-", 1, publicKey, 0xef, 0xbb, 0xbf, "/k"),
          recipient,
        ].map((text) => [readKeyIdentity, text] as const),
      ];
    for (const [read, text] of cases) {
      const call = (): unknown => read(bytes(text));
      expect(call, JSON.stringify(text)).toThrow(
        expect.objectContaining({ code: "ERR_LETHE_KEY_FORMAT" }),
      );
      expect(call).toThrow(/^Cannot use key of age-plugin-lethe: [ -~]*$/);
    }
    for (const path of ["k", "/", "/a/../b", "/\n", "/\ud800", `/${"é".repeat(2048)}`]) {
      expect(() => formatKeyIdentity({ publicKey, path })).toThrow(/the path of a key file/);
    }
  });

  it("are recipients of envelopes, with no plugin", async () => {
    const secrets = openSecrets({ memory: "heap" });
    const envelopes = openEnvelopes(secrets);
    const { publicKey, secretKey } = openCrypto(secrets).agreeKeyPair();
    const key = { type: "x25519", bits: 256, publicKey: copyOf(publicKey), secretKey } as const;
    const identity = envelopes.useKey(key);
    const text = formatKeyRecipient(publicKey);
    const to = envelopes.parseRecipient(text);
    expect(to.name).toBe(text);
    expect(identity.recipient).toBe(formatRecipient(publicKey));
    const secret = await envelopes.open(await envelopes.seal(bytes("a"), [to]), [identity]);
    expect(secret.byteLength).toBe(1);
    for (const one of [secret, identity, secretKey]) one.destroy();
    for (const text of [formatKeyRecipient(new Uint8Array(32)), "age1lethe1qqq"]) {
      expect(() => envelopes.parseRecipient(text)).toThrow(
        expect.objectContaining({ code: "ERR_LETHE_KEY_FORMAT" }),
      );
    }
  });
});
