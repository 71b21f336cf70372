import { afterEach, expect, it } from "vitest";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { read, sample, thrown } from "../../testing/core/samples.ts";
import type { View } from "./bytes.ts";
import { CIPHER_ROOM } from "./ciphers.ts";
import { derLength, writeDer } from "./der.ts";
import type { KeyType } from "./key.ts";
import { parseOpenSsh, SSH_CIPHERS, sshRoom, withOpenSsh } from "./openssh.ts";
import { formatOpenSsh, type SshSealing } from "./openssh_format.ts";
import { decodePem, pemBlocks } from "./pem.ts";
import { rsaPrivateKey, rsaPublicKey } from "./pkcs1.ts";
import { BCRYPT_ROOM } from "./primitives/bcrypt_pbkdf.ts";

const secrets = openSecrets();
afterEach(() => secrets.purge());

const [SEED, PUBLIC, POINT] = [sample(32), sample(32, 2), sample(65)];
/** Of Ed25519 the private part has the public key behind the seed. */
const PAIR = Uint8Array.from([...SEED, ...PUBLIC]);
const RSA = { n: [0xf1], e: [3], d: [5], p: [7], q: [9], dp: [1], dq: [2], qi: [4] };
function rsaSecret(): View {
  const element = rsaPrivateKey(RSA as never);
  const bytes = new Uint8Array(derLength(element));
  writeDer(element, bytes);
  return bytes;
}

/** The bytes of a file that is written, out of its PEM. */
function written(
  type: KeyType,
  secret: View,
  publicKey: View,
  comment: Uint8Array | null = null,
  sealing: SshSealing | null = null,
): View {
  const pem = read(formatOpenSsh(secrets, type, secret, publicKey, comment, sealing));
  const lines = Buffer.from(pem).toString("latin1").split("\n").slice(1, -2);
  expect(lines.slice(0, -1).every(({ length }) => length === 70)).toBe(true);
  const [block] = pemBlocks(pem);
  if (block === undefined) throw new Error("no block");
  expect(block.label).toBe("OPENSSH PRIVATE KEY");
  return read(decodePem(secrets, pem, block));
}
function opened(file: View, passphrase?: SecretBuffer): Record<string, unknown> {
  const bounds = { bcryptRounds: 9 } as never;
  return withOpenSsh(secrets, parseOpenSsh(file), passphrase, bounds, ({ material, comment }) => ({
    ...Object.fromEntries(
      Object.entries(material).map(([name, value]) => [
        name,
        value instanceof Uint8Array ? [...value] : value,
      ]),
    ),
    comment: Buffer.from(comment).toString(),
  }));
}

it("a key of each type is written as it is read, with a comment of any length", () => {
  for (let length = 0; length < 17; length++) {
    const comment = Buffer.alloc(length, "x");
    const key = opened(written("ed25519", PAIR, PUBLIC, comment));
    const parts = { seed: [...SEED], stated: [...PUBLIC] };
    expect(key).toEqual({ type: "ed25519", ...parts, comment: "x".repeat(length) });
  }
  const scalar = Uint8Array.from([0, 0, ...SEED.slice(2)]);
  expect(opened(written("p256", scalar, POINT))).toEqual({
    ...{ type: "p256", scalar: [...SEED.slice(2)], stated: [...POINT], comment: "" },
  });
  const rsa = written("rsa", rsaSecret(), rsaPublicKey(RSA.n, RSA.e));
  expect(opened(rsa)).toMatchObject({ ...RSA, dp: null, dq: null, type: "rsa" });
});

it("SSH has no X25519", () => {
  const error = thrown(() => written("x25519", SEED, PUBLIC));
  expect([error.code, error.message]).toEqual([
    "ERR_LETHE_UNSUPPORTED",
    "Cannot format key: OpenSSH has no such keys; use pkcs8-pem",
  ]);
});

it.each(["aes256-ctr", "chacha20-poly1305@openssh.com"] as const)(
  "under a passphrase, %s: another salt each time, and whole blocks",
  (cipher) => {
    const passphrase = secrets.move(sample(8));
    const sealing: SshSealing = { passphrase, cipher, rounds: 1 };
    const files = [0, 1].map(() => written("ed25519", PAIR, PUBLIC, null, sealing));
    const salts = files.map((file) => {
      const { encryption, content } = parseOpenSsh(file);
      const known = SSH_CIPHERS.find(([name]) => name === cipher)?.[1];
      expect(encryption).toMatchObject({ cipher: known, rounds: 1 });
      expect(content.length % (known?.blockBytes ?? 0)).toBe(0);
      expect(opened(file, passphrase)).toMatchObject({ type: "ed25519", seed: [...SEED] });
      const other = secrets.move(sample(9));
      expect(thrown(() => opened(file, other)).code).toBe("ERR_LETHE_KEY_PASSPHRASE");
      return [...(encryption?.salt ?? [])];
    });
    expect(salts[0]).toHaveLength(16);
    expect(salts[0]).not.toEqual(salts[1]);
  },
);

it("the numbers that tell a wrong passphrase are other ones each time", () => {
  const numbers = [0, 1].map(() => [
    ...parseOpenSsh(written("ed25519", PAIR, PUBLIC)).content.slice(0, 8),
  ]);
  for (const each of numbers) expect(each.slice(0, 4)).toEqual(each.slice(4));
  expect(numbers[0]).not.toEqual(numbers[1]);
});

it("there is room for what opening takes, whatever the length", () => {
  expect(sshRoom(0)).toBeGreaterThanOrEqual(BCRYPT_ROOM + CIPHER_ROOM + 64);
  expect(sshRoom(100_000) - sshRoom(0)).toBeGreaterThanOrEqual(100_000);
});
