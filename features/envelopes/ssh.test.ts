import { execFileSync } from "node:child_process";
import * as node from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { age, hasAge, WITHOUT_AGE } from "../../testing/features/envelopes/age.ts";
import { numbersOfKey } from "../../testing/features/keys/rsa_numbers.ts";
import { SOAK } from "../../testing/tier.ts";
import { parseKey } from "../keys/mod.ts";
import { withWorkspace } from "../keys/primitives/workspace.ts";
import { copyOf } from "./bytes.ts";
import { toMontgomery } from "./edwards.ts";
import { openEnvelopes } from "./mod.ts";
import { oaepDecrypt, oaepEncrypt, rsaOaepRoom } from "./rsa_oaep.ts";

const KEYGEN = "/usr/bin/ssh-keygen";
const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
afterEach(() => secrets.purge());
const folder = mkdtempSync(join(tmpdir(), "lethe-ssh-"));
afterAll(() => rmSync(folder, { recursive: true }));
const text = (value: string): Uint8Array<ArrayBuffer> => copyOf(Buffer.from(value));

/** A key of ssh-keygen: its path. */
function newKey(name: string, words: readonly string[], passphrase: string = ""): string {
  const path = join(folder, name);
  execFileSync(KEYGEN, ["-q", "-C", "me@höst", "-N", passphrase, "-f", path, ...words]);
  return path;
}

const KINDS: readonly (readonly [string, readonly string[]])[] = [
  ["ssh-ed25519", ["-t", "ed25519"]],
  ["ssh-rsa of 2048 bits", ["-t", "rsa", "-b", "2048"]],
  ...(SOAK
    ? ([
        ["ssh-rsa of 3072 bits", ["-t", "rsa", "-b", "3072"]],
        ["ssh-rsa of 2056 bits", ["-t", "rsa", "-b", "2056"]],
        ["ssh-rsa of 4096 bits", ["-t", "rsa", "-b", "4096"]],
      ] as const)
    : []),
];

describe.skipIf(!existsSync(KEYGEN) || !hasAge)(`keys of SSH${WITHOUT_AGE}`, () => {
  it.each(KINDS)("%s: opens what age sealed, and the reverse", async (name, words) => {
    const path = newKey(name.replaceAll(" ", "-"), words);
    const line = readFileSync(`${path}.pub`);
    const [identity] = envelopes.parseIdentities(copyOf(readFileSync(path)));
    if (identity === undefined) throw new Error("there is no identity");
    expect(line.toString()).toContain(identity.recipient);
    const to = envelopes.parseRecipient(line);
    const envelope = await envelopes.seal(text("a message"), [to, envelopes.createIdentity()]);
    expect(age(["-d", "-i", path], envelope).toString()).toBe("a message");
    const theirs = age(["-R", `${path}.pub`], text("another"));
    const secret = await envelopes.open(theirs, [envelopes.createIdentity(), identity]);
    expect(secret.expose((bytes) => Buffer.from(bytes).toString())).toBe("another");
    // The tag is right, and the body is another key's: no match, and no other error.
    const header = /^(-> \S+ \S+.*\n)(\S)/m.exec(Buffer.from(theirs).toString("latin1"));
    const at = (header?.index ?? 0) + (header?.[1]?.length ?? 0);
    const bad = copyOf(theirs);
    bad[at] = bad[at] === 65 ? 66 : 65;
    await expect(envelopes.open(bad, [identity])).rejects.toThrow(/none of the 1 identities/);
  });

  it("takes an encrypted key with its passphrase alone", async () => {
    const path = newKey("encrypted", ["-t", "ed25519", "-a", "1"], "open sesame");
    const load = (): Uint8Array<ArrayBuffer> => copyOf(readFileSync(path));
    const passphrase = secrets.move(text("open sesame"));
    const [identity] = envelopes.parseIdentities(load(), { passphrase });
    const theirs = age(["-R", `${path}.pub`], text("a message"));
    if (identity === undefined) throw new Error("there is no identity");
    expect((await envelopes.open(theirs, [identity])).byteLength).toBe(9);
    expect(() => envelopes.parseIdentities(load())).toThrow(/encrypted/);
    const wrong = secrets.move(text("open sesami"));
    expect(() => envelopes.parseIdentities(load(), { passphrase: wrong })).toThrow(/passphrase/);
  });

  it("refuses EC keys and short RSA keys, in both places", () => {
    for (const [name, words] of [
      ["ec", ["-t", "ecdsa"]],
      ["short", ["-t", "rsa", "-b", "1024"]],
    ] as const) {
      const path = newKey(name, words);
      const before = secrets.stats.live;
      const code = { code: "ERR_LETHE_UNSUPPORTED" };
      expect(() => envelopes.parseIdentities(copyOf(readFileSync(path)))).toThrow(
        expect.objectContaining(code),
      );
      expect(secrets.stats.live).toBe(before);
      if (name === "short") {
        const line = readFileSync(`${path}.pub`);
        expect(() => envelopes.parseRecipient(line)).toThrow(expect.objectContaining(code));
      }
    }
  });
});

describe("a private key of lethe/keys", () => {
  it.each(["x25519", "ed25519"] as const)("%s is an identity, which holds a copy", async (type) => {
    const { privateKey } = node.generateKeyPairSync(type as "ed25519");
    const key = parseKey(secrets, copyOf(privateKey.export({ type: "pkcs8", format: "der" })));
    const identity = envelopes.useKey(key);
    key.secretKey.destroy();
    const envelope = await envelopes.seal(text("a"), [identity]);
    expect((await envelopes.open(envelope, [identity])).byteLength).toBe(1);
    identity.destroy();
    await expect(envelopes.open(envelope, [identity])).rejects.toThrow(/destroyed/);
  });
});

describe("OAEP", () => {
  it("is that of OpenSSL in both directions, and refuses every other length, label and byte", () => {
    const { privateKey, publicKey } = node.generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = numbersOfKey(privateKey);
    const [label, message] = [text("a label"), copyOf(node.randomBytes(16))];
    const padding = { oaepHash: "sha256", oaepLabel: label };
    const open = (sealed: Uint8Array, own: Uint8Array = label): Uint8Array | null =>
      withWorkspace(secrets, rsaOaepRoom(256), (space) => {
        const target = new Uint8Array(16).fill(1);
        if (oaepDecrypt(secrets, key, own, sealed, target, space)) return target;
        expect(target.every((byte) => byte === 0)).toBe(true);
        return null;
      });
    const theirs = node.publicEncrypt({ key: publicKey, ...padding }, message);
    expect(open(copyOf(theirs))).toEqual(message);
    const sealed = new Uint8Array(new ArrayBuffer(256));
    withWorkspace(secrets, rsaOaepRoom(256), (space) =>
      oaepEncrypt(key, label, message, copyOf(node.randomBytes(32)), sealed, space),
    );
    expect(copyOf(node.privateDecrypt({ key: privateKey, ...padding }, sealed))).toEqual(message);
    expect(open(copyOf(theirs), text("a lable"))).toBe(null);
    for (const length of SOAK ? [0, 15, 17, 32] : [17]) {
      const other = node.publicEncrypt({ key: publicKey, ...padding }, node.randomBytes(length));
      expect(open(copyOf(other))).toBe(null);
    }
    for (const at of SOAK ? [0, 100, 255] : [100]) {
      const bad = copyOf(theirs);
      bad[at] = (bad[at] as number) ^ 1;
      expect(open(bad)).toBe(null);
    }
  });
});

describe("the X25519 key of an Ed25519 key", () => {
  it("is that of OpenSSL's keys, and none where there is no point", () => {
    // y = 2 is not a point of the curve; y = p is 0, but not canonical.
    const two = new Uint8Array(32);
    two[0] = 2;
    expect(toMontgomery(two)).toBe(null);
    const p = new Uint8Array(32).fill(255);
    p[0] = 0xed;
    p[31] = 0x7f;
    expect(toMontgomery(p)).toBe(null);
    // The base point (RFC 7748, section 4.1) is u = 9.
    const base = new Uint8Array(32).fill(0x66);
    base[0] = 0x58;
    expect(toMontgomery(base)?.join()).toBe([9, ...new Array(31).fill(0)].join());
  });
});
