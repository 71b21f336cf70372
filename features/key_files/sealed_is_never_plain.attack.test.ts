import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { carriesMagic } from "../../core/sealed_key_mark.ts";
import { thrown } from "../../testing/core/samples.ts";
import { referenceSeal } from "../../testing/features/key_files/reference_seal.ts";
import {
  codeOf,
  directory,
  open,
  path,
  phrase,
  secrets,
  useScene,
} from "../../testing/features/key_files/scene.ts";
import { SOAK } from "../../testing/tier.ts";

useScene();

/** What may happen to a sealed key file on its way, each of which leaves ciphertext. */
const DAMAGES: Readonly<Record<string, (file: Buffer) => Buffer>> = {
  "as it is": (file) => file,
  "behind a byte order mark": (file) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), file]),
  "behind a newline": (file) => Buffer.concat([Buffer.from("\n"), file]),
  "with a newline at its end": (file) => Buffer.concat([file, Buffer.from("\n")]),
  twice: (file) => Buffer.concat([file, file]),
  "behind 32 other bytes": (file) => Buffer.concat([Buffer.alloc(32, 7), file]),
  "cut to its first 32 bytes": (file) => file.subarray(0, 32),
  "cut to its mark": (file) => file.subarray(0, 8),
  "cut within its mark": (file) => file.subarray(0, 5),
  "without its first byte": (file) => file.subarray(1),
  "without its first 4 bytes": (file) => file.subarray(4),
  "without its mark": (file) => file.subarray(8),
  "without its first 6 bytes and its end": (file) => file.subarray(6, 100),
  "without its first byte, behind a newline": (file) =>
    Buffer.concat([Buffer.from("\r\n"), file.subarray(1)]),
  "without its mark, behind a byte order mark": (file) =>
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), file.subarray(8)]),
  "in UTF-32": (file) => Buffer.from([...file].flatMap((byte) => [byte, 0, 0, 0])),
  "in base64, with a name in front": (file) => Buffer.from(`KEY="${file.toString("base64")}"`),
  "in base64, as an address": (file) =>
    Buffer.from(`data:application/octet-stream;base64,${file.toString("base64")}`),
  "in base64, with a newline in front": (file) =>
    Buffer.from(Buffer.concat([Buffer.from("\n"), file]).toString("base64")),
  "in base64, with two bytes in front": (file) =>
    Buffer.from(Buffer.concat([Buffer.from("\r\n"), file]).toString("base64")),
  "in base64 in JSON": (file) => Buffer.from(JSON.stringify({ key: file.toString("base64") })),
  "in hex with a prefix": (file) => Buffer.from(`0x${file.toString("hex")}`),
  "in hex with colons": (file) => Buffer.from(file.toString("hex").replace(/..(?!$)/g, "$&:")),
  "in hex as escapes": (file) => Buffer.from(file.toString("hex").replace(/../g, "\\x$&")),
  "in hex as a list": (file) =>
    Buffer.from(file.toString("hex").toUpperCase().replace(/../g, "0X$&, ")),
  "in UTF-16": (file) => Buffer.from(file.toString("latin1"), "utf16le"),
  "in base64": (file) => Buffer.from(file.toString("base64")),
  "in base64 with newlines": (file) =>
    Buffer.from(`\n${file.toString("base64").replace(/.{64}/g, "$&\n")}\n`),
  "in hex": (file) => Buffer.from(file.toString("hex")),
};

const INGREDIENTS = {
  type: 1,
  passes: 1,
  memoryKiB: 8,
  salt: new Uint8Array(16).fill(1),
  nonce: new Uint8Array(24).fill(2),
  passphrase: new TextEncoder().encode("correct horse"),
};

function put(bytes: Buffer): void {
  rmSync(path(), { force: true });
  writeFileSync(path(), bytes);
  chmodSync(path(), 0o400);
}

describe("a sealed key file", () => {
  it.each(Object.keys(DAMAGES))("%s: no way in takes it for a plain key", (damage) => {
    const keys = open();
    keys.create(path(), 32, { passphrase: phrase() });
    const file = DAMAGES[damage]?.(readFileSync(path())) as Buffer;
    put(file);
    const { length } = file;
    const attempts = [
      () => keys.read(path(), length),
      () => keys.read(path(), length, { asIs: true }),
      () => keys.read(path(), 32),
      () => keys.read(path(), "ed25519"),
      () => keys.rotate(path(), length, { asIs: true }),
      () => keys.rotate(path(), length),
      () => keys.seal(path(), length, { passphrase: phrase(), asIs: true }),
    ];
    expect(attempts.map(codeOf)).toEqual(attempts.map(() => "ERR_LETHE_KEY_FORMAT"));
    expect([readFileSync(path()), readdirSync(directory)]).toEqual([file, ["key"]]);
    // With something behind it, it is as long as no sealed file says that it is.
    if (damage !== "as it is") {
      expect(codeOf(() => keys.inspect(path()))).toBe("ERR_LETHE_KEY_DAMAGED");
    }
  });

  it("is not a key that another one may have in it", () => {
    const keys = open();
    const inner = referenceSeal({ ...INGREDIENTS, key: new Uint8Array(32).fill(5) });
    put(Buffer.from(referenceSeal({ ...INGREDIENTS, key: inner }))); // Lethe seals no sealed file
    const passphrase = phrase();
    const opened = codeOf(() => keys.read(path(), inner.length, { passphrase }));
    expect(opened).toBe("ERR_LETHE_KEY_FORMAT");
    expect(codeOf(() => keys.unseal(path(), { passphrase }))).toBe(opened);
    passphrase.destroy();
    expect(secrets.stats.live).toBe(0);
  });

  it("is advised no number of bytes", () => {
    const keys = open();
    keys.create(path(), 32, { passphrase: phrase() });
    expect(() => keys.read(path(), 32)).toThrow(/is a sealed key file.*; open it with its passphr/);
    const { message } = thrown(() => keys.read(path(), 32));
    expect(message.replace(path(), "PATH")).not.toMatch(/\d{3}/); // the path of this run may have digits
  });
});

it("no random key is taken for a sealed one", () => {
  for (let count = 0; count < (SOAK ? 20_000 : 2000); count++) {
    const bytes = crypto.getRandomValues(new Uint8Array(1 + (count % 64)));
    if (bytes.length > 3) expect(carriesMagic(bytes)).toBe(false);
  }
});
