import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { expect, it } from "vitest";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { AES_ROOM, Aes } from "./aes.ts";
import { cbcDecrypt, cbcEncrypt, ctr, MODE_ROOM } from "./aes_modes.ts";
import { BCRYPT_ROOM, bcryptPbkdf } from "./bcrypt_pbkdf.ts";
import { CHACHA_POLY_ROOM, chachaPolyDecrypt, chachaPolyEncrypt } from "./chacha_poly.ts";
import { GCM_ROOM, gcmDecrypt, gcmEncrypt } from "./gcm.ts";
import { Hasher } from "./hash.ts";
import { pbkdf2, pbkdf2Room } from "./pbkdf2.ts";
import { scrypt, scryptRoom } from "./scrypt.ts";
import { SHA1 } from "./sha1.ts";
import { SHA256 } from "./sha256.ts";
import { SHA512 } from "./sha512.ts";
import { type Workspace, withWorkspace } from "./workspace.ts";

const secrets = openSecrets({ memory: "heap" });
const within = <T>(room: number, use: (space: Workspace) => T): T =>
  withWorkspace(secrets, room, use);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const HASHES = { sha1: SHA1, sha256: SHA256, sha512: SHA512 } as const;
const NAMES = ["sha1", "sha256", "sha512"] as const;

it("SHA-1, SHA-256 and SHA-512 agree with OpenSSL on lengths up to 300 bytes", () => {
  for (const name of NAMES) {
    for (let length = 0; length <= 300; length += 1 + (length >> 5)) {
      const message = node.randomBytes(length);
      const digest = within(Hasher.room(HASHES[name]), (space) => {
        const hasher = new Hasher(HASHES[name], space);
        hasher.update(message);
        const target = new Uint8Array(HASHES[name].digestBytes);
        hasher.digest(target);
        return hex(target);
      });
      expect(digest).toBe(node.createHash(name).update(message).digest("hex"));
    }
  }
});

it("PBKDF2 agrees with OpenSSL, for passwords longer than a block too", () => {
  for (const name of NAMES) {
    for (const [passwordBytes, length] of [
      [0, 16],
      [9, 32],
      [64, 48],
      [65, 64],
      [200, 100],
    ] as const) {
      const [password, salt] = [node.randomBytes(passwordBytes), node.randomBytes(13)];
      const key = within(pbkdf2Room(HASHES[name]), (space) => {
        const target = new Uint8Array(length);
        pbkdf2(HASHES[name], password, salt, 7, target, space);
        return hex(target);
      });
      expect(key).toBe(node.pbkdf2Sync(password, salt, 7, length, name).toString("hex"));
    }
  }
});

it("scrypt agrees with OpenSSL", () => {
  for (const cost of [
    { N: 2, r: 1, p: 1 },
    { N: 16, r: 3, p: 2 },
    { N: 1024, r: 8, p: 1 },
  ]) {
    const [password, salt] = [node.randomBytes(20), node.randomBytes(16)];
    const key = within(scryptRoom(cost), (space) => {
      const target = new Uint8Array(48);
      scrypt(password, salt, cost, target, space);
      return hex(target);
    });
    expect(key).toBe(node.scryptSync(password, salt, 48, cost).toString("hex"));
  }
});

it("bcrypt_pbkdf gives the vectors of OpenBSD's regress test", () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const derive = (password: string, salt: string, rounds: number, length: number): string =>
    within(BCRYPT_ROOM, (space) => {
      const target = new Uint8Array(length);
      bcryptPbkdf(text(password), text(salt), rounds, target, space);
      return hex(target);
    });
  expect(derive("password", "salt", 4, 32)).toBe(
    "5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9",
  );
  expect(derive("password", "\0", 4, 16)).toBe("c12b566235eee04c212598970a579a67");
  expect(derive("password", "salt", 8, 64)).toBe(
    "e1367ec5151a33faac4cc1c144cd23fa15d5548493ecc99b9b5d9c0d3b27bec7" +
      "6227ea66088b849b20ab7aa478010246e74bba51723fefa9f9474d6508845e8d",
  );
});

it("AES agrees with OpenSSL in CBC, CTR and GCM, for every key length", () => {
  for (const bits of [128, 192, 256] as const) {
    for (const length of [16, 32, 160]) {
      const [key, vector] = [node.randomBytes(bits / 8), node.randomBytes(16)];
      const message = node.randomBytes(length);
      const cipher = node.createCipheriv(`aes-${bits}-cbc`, key, vector).setAutoPadding(false);
      const expected = Buffer.concat([cipher.update(message), cipher.final()]);
      within(AES_ROOM + MODE_ROOM, (space) => {
        const aes = new Aes(key, space);
        const [target, back] = [new Uint8Array(length), new Uint8Array(length)];
        cbcEncrypt(aes, vector, message, target, space);
        expect(hex(target)).toBe(expected.toString("hex"));
        cbcDecrypt(aes, vector, target, back);
        expect(hex(back)).toBe(message.toString("hex"));
      });
    }
    for (const length of [0, 1, 16, 17, 95]) {
      const [key, message] = [node.randomBytes(bits / 8), node.randomBytes(length)];
      const nonce = node.randomBytes(12);
      const cipher = node.createCipheriv(`aes-${bits}-gcm`, key, nonce);
      const expected = Buffer.concat([cipher.update(message), cipher.final()]);
      within(AES_ROOM + GCM_ROOM + MODE_ROOM, (space) => {
        const [target, tag] = [new Uint8Array(length), new Uint8Array(16)];
        gcmEncrypt(new Aes(key, space), nonce, message, target, tag, space);
        expect(hex(target)).toBe(expected.toString("hex"));
        expect(hex(tag)).toBe(cipher.getAuthTag().toString("hex"));
      });
      within(AES_ROOM + GCM_ROOM + MODE_ROOM, (space) => {
        const back = new Uint8Array(length);
        const aes = new Aes(key, space);
        expect(gcmDecrypt(aes, nonce, expected, cipher.getAuthTag(), back, space)).toBe(true);
        expect(hex(back)).toBe(message.toString("hex"));
      });
      within(AES_ROOM + GCM_ROOM + MODE_ROOM, (space) => {
        const [back, tag] = [new Uint8Array(length), cipher.getAuthTag()];
        tag[15] = (tag[15] as number) ^ 1;
        expect(gcmDecrypt(new Aes(key, space), nonce, expected, tag, back, space)).toBe(false);
        expect(back.every((byte) => byte === 0)).toBe(true);
      });
    }
    const [key, message] = [node.randomBytes(bits / 8), node.randomBytes(100)];
    const counter = Buffer.alloc(16, 0xff); // it wraps
    const expected = node.createCipheriv(`aes-${bits}-ctr`, key, counter).update(message);
    within(AES_ROOM + MODE_ROOM, (space) => {
      const target = new Uint8Array(100);
      ctr(new Aes(key, space), counter, 16, message, target, space);
      expect(hex(target)).toBe(expected.toString("hex"));
    });
  }
});

it("chacha20-poly1305@openssh.com opens what it closes, and nothing that was changed", () => {
  for (const length of [1, 8, 64, 200]) {
    const [key, message] = [node.randomBytes(64), node.randomBytes(length)];
    const [sealed, tag, back] = [
      new Uint8Array(length),
      new Uint8Array(16),
      new Uint8Array(length),
    ];
    within(CHACHA_POLY_ROOM, (space) => chachaPolyEncrypt(key, message, sealed, tag, space));
    const open = (): boolean =>
      within(CHACHA_POLY_ROOM, (space) => chachaPolyDecrypt(key, sealed, tag, back, space));
    expect(open()).toBe(true);
    expect(hex(back)).toBe(message.toString("hex"));
    sealed[length - 1] = (sealed[length - 1] as number) ^ 128;
    expect(open()).toBe(false);
  }
});

it("a workspace gives no more than it has, and nothing of it stays", () => {
  let kept: Uint8Array | undefined;
  within(32, (space) => {
    kept = space.bytes(17);
    expect(() => space.bytes(1)).toThrow(RangeError);
  });
  expect(kept?.length).toBe(0);
  expect(secrets.stats.live).toBe(0);
});
