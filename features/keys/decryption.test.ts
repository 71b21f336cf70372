import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { copy } from "../../testing/features/keys/tools.ts";
import { SOAK } from "../../testing/tier.ts";
import { decryptOaep } from "./decryption.ts";
import { decodeOaep, mostOaepBytes, oaepRoom } from "./primitives/oaep.ts";
import { SHA256 } from "./primitives/sha256.ts";
import { SHA384, SHA512 } from "./primitives/sha512.ts";
import { withWorkspace } from "./primitives/workspace.ts";

const secrets = openSecrets({ memory: "heap" });
afterAll(() => secrets.purge());

const HASHES = { sha256: SHA256, sha384: SHA384, sha512: SHA512 } as const;
const NAMES = ["sha256", "sha384", "sha512"] as const;
type Hash = (typeof NAMES)[number];

const { privateKey, publicKey } = node.generateKeyPairSync("rsa", { modulusLength: 2048 });
const der = copy(privateKey.export({ type: "pkcs1", format: "der" }));
const LENGTH = 256;
const LABEL = copy(Buffer.from("a label"));

/** What OpenSSL encrypts. */
function seal(message: Uint8Array, oaepHash: Hash, oaepLabel: Uint8Array): Buffer {
  return node.publicEncrypt({ key: publicKey, oaepHash, oaepLabel }, message);
}

function open(sealed: Uint8Array, hash: Hash, label: Uint8Array): Buffer {
  return decryptOaep(secrets, der, hash, label, sealed, (message) => Buffer.from(message));
}

/** Decodes what RSA gave, without computing RSA. */
function decode(encoded: Uint8Array, hash: Hash, label: Uint8Array, whole = true): Buffer | null {
  const chosen = HASHES[hash];
  return withWorkspace(secrets, oaepRoom(chosen) + encoded.length + 16, (space) => {
    const room = space.bytes(encoded.length);
    room.set(encoded);
    const message = decodeOaep(chosen, label, room, whole, space);
    return message === null ? null : Buffer.from(message);
  });
}

const rawOf = (sealed: Uint8Array): Buffer =>
  node.privateDecrypt({ key: privateKey, padding: node.constants.RSA_NO_PADDING }, sealed);

describe("OAEP", () => {
  it("decrypts what OpenSSL encrypted", { timeout: 1_800_000 }, () => {
    for (let round = 0; round < (SOAK ? 334 : 1); round++) {
      for (const hash of SOAK ? NAMES : (["sha384"] as const)) {
        const message = node.randomBytes(round % (mostOaepBytes(HASHES[hash], LENGTH) + 1));
        const label = node.randomBytes(round % 5);
        expect(open(seal(message, hash, label), hash, label)).toEqual(message);
      }
    }
  });

  it.each(NAMES)(
    "OAEP-1: with %s decodes messages of every length, and nothing else, wherever it is wrong",
    (hash) => {
      const most = mostOaepBytes(HASHES[hash], LENGTH);
      for (const length of [0, 1, 2, 32, most - 1, most]) {
        const message = node.randomBytes(length);
        const raw = rawOf(seal(message, hash, LABEL));
        expect(decode(raw, hash, LABEL)).toEqual(message);
        expect(decode(raw, hash, copy(Buffer.from("a lable")))).toBe(null);
        expect(decode(raw, hash, LABEL, false)).toBe(null);
        raw[0] = 1; // what Manger asks about
        expect(decode(raw, hash, LABEL)).toBe(null);
      }
    },
  );

  it("refuses whatever else stands before the message", () => {
    const hash = node.createHash("sha256").update(LABEL).digest();
    const blocks: readonly Buffer[] = [
      Buffer.concat([hash, Buffer.alloc(LENGTH - 65)]), // no 1
      Buffer.concat([hash, Buffer.alloc(LENGTH - 66), Buffer.of(2)]),
      Buffer.concat([hash, Buffer.of(0, 2, 1), Buffer.alloc(LENGTH - 68)]),
      Buffer.concat([hash, Buffer.of(255, 1), Buffer.alloc(LENGTH - 67)]),
      Buffer.concat([Buffer.alloc(32), Buffer.of(1), Buffer.alloc(LENGTH - 66)]),
      ...[0, 31].map((at) => {
        const other = Buffer.from(hash);
        other[at] = (other[at] as number) ^ 128;
        return Buffer.concat([other, Buffer.of(1), Buffer.alloc(LENGTH - 66)]);
      }),
    ];
    for (const block of blocks) expect(decode(masked(block), "sha256", LABEL)).toBe(null);
    const good = Buffer.concat([hash, Buffer.of(0, 1, 0, 2), Buffer.alloc(LENGTH - 69)]);
    expect(decode(masked(good), "sha256", LABEL)?.length).toBe(LENGTH - 67);
  });

  it("has one error for a ciphertext that is altered, of another length, label, hash or key, and keeps nothing", () => {
    const sealed = seal(Buffer.from("m"), "sha256", LABEL);
    const altered = Buffer.from(sealed);
    altered[100] = (altered[100] as number) ^ 1;
    const messages = new Set<string>();
    for (const [wrong, hash, label] of [
      [altered, "sha256", LABEL],
      [Buffer.alloc(LENGTH, 255), "sha256", LABEL],
      [sealed.subarray(1), "sha256", LABEL],
      [Buffer.concat([Buffer.of(0), sealed]), "sha256", LABEL],
      [sealed, "sha256", LABEL.subarray(1)],
      ...(SOAK ? further(sealed) : []),
    ] as const) {
      try {
        open(wrong, hash, label);
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ code: "ERR_LETHE_FORGED" });
        messages.add((error as Error).message);
      }
    }
    expect(messages.size).toBe(1);
    expect(secrets.stats.live).toBe(0);
  });
});

/** What costs more: another hash, another key, and bytes altered all over it. */
function further(sealed: Buffer): readonly (readonly [Buffer, Hash, Uint8Array])[] {
  const other = node.generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
  const sealing = { key: other, oaepHash: "sha256", oaepLabel: LABEL };
  const altered = [0, 1, 31, 32, 33, 64, 127, 128, 200, LENGTH - 1].map((at, bit) => {
    const bytes = Buffer.from(sealed);
    bytes[at] = (bytes[at] as number) ^ (1 << (bit % 8));
    return [bytes, "sha256", LABEL] as const;
  });
  return [
    [sealed, "sha512", LABEL],
    [node.publicEncrypt(sealing, Buffer.from("m")), "sha256", LABEL],
    ...altered,
  ];
}

/** An encoded message whose block is this one. */
function masked(block: Buffer): Buffer {
  const seed = node.randomBytes(32);
  const under = (key: Uint8Array, bytes: Buffer): Buffer => {
    const parts = Array.from({ length: Math.ceil(bytes.length / 32) }, (_, count) =>
      node
        .createHash("sha256")
        .update(key)
        .update(Buffer.of(0, 0, 0, count))
        .digest(),
    );
    const mask = Buffer.concat(parts);
    return Buffer.from(bytes.map((byte, at) => byte ^ (mask[at] as number)));
  };
  const own = under(seed, block);
  return Buffer.concat([Buffer.of(0), under(own, seed), own]);
}
