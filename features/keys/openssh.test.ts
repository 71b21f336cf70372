import { afterEach, describe, expect, it } from "vitest";
import { ascii } from "../../core/sealed_key_mark.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { sample as someBytes, thrown } from "../../testing/core/samples.ts";
import { type Piece, u32, type View } from "./bytes.ts";
import type { Material } from "./material.ts";
import { OPENSSH_MAGIC, parseOpenSsh, SSH_CIPHERS, withOpenSsh } from "./openssh.ts";
import { rsaPublicKey } from "./pkcs1.ts";
import { sshNumber, sshPublicBlob, sshString } from "./ssh_wire.ts";

const secrets = openSecrets();
afterEach(() => secrets.purge());

const sample = (length: number, seed?: number): View =>
  length === 0 ? new Uint8Array(0) : someBytes(length, seed);
const text = (value: string): readonly Piece[] => sshString(ascii(value));
function bytesOf(...pieces: readonly Piece[]): View {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}
const code = (run: () => unknown): unknown => thrown(run).code;
const DAMAGED = "ERR_LETHE_KEY_DAMAGED";
const INVALID = "ERR_LETHE_KEY_INVALID";

interface Parts {
  readonly magic?: Piece;
  readonly cipher?: string;
  readonly derivation?: string;
  readonly options?: readonly Piece[];
  readonly count?: number;
  readonly blob?: Piece;
  readonly content?: Piece;
  readonly behind?: Piece;
}

/** A file of these parts; the others are those of a key in the clear. */
function file(parts: Parts = {}): View {
  const { magic = OPENSSH_MAGIC, cipher = "none", derivation = "none", options = [] } = parts;
  const { count = 1, blob = [7], content = [1, 2], behind = [] } = parts;
  return bytesOf(
    ...[magic, ...text(cipher), ...text(derivation), ...sshString(bytesOf(...options))],
    ...[u32(count), ...sshString(blob), ...sshString(content), behind],
  );
}
const bcrypt = (salt: number, rounds: number): readonly Piece[] => [
  ...sshString(sample(salt)),
  u32(rounds),
];
/** A file that is encrypted, by no cipher in truth. */
const encrypted = (parts: Parts): View =>
  file({
    ...{ cipher: "aes256-ctr", derivation: "bcrypt", options: bcrypt(16, 24) },
    ...{ content: sample(32), ...parts },
  });

describe("a file of OpenSSH", () => {
  it("has its parts where it is in the clear", () => {
    const { encryption, publicBlob, content } = parseOpenSsh(file());
    expect([encryption, [...publicBlob], [...content]]).toEqual([null, [7], [1, 2]]);
  });

  it("begins with all of its mark, has one key, and nothing behind it", () => {
    for (let at = 0; at < OPENSSH_MAGIC.length; at++) {
      const other = file();
      other[at] = (other[at] as number) ^ 1;
      expect(code(() => parseOpenSsh(other))).toBe(DAMAGED);
      expect(code(() => parseOpenSsh(file().slice(0, at)))).toBe(DAMAGED);
    }
    for (const count of [0, 2]) {
      const error = thrown(() => parseOpenSsh(file({ count })));
      expect(error.code).toBe("ERR_LETHE_KEY_FORMAT");
      expect(error.message).toContain(`it has ${count} keys; write each into a separate file`);
    }
    expect(code(() => parseOpenSsh(file({ behind: [0] })))).toBe(DAMAGED);
    expect(code(() => parseOpenSsh(encrypted({ behind: [0] })))).toBe(DAMAGED);
  });

  it("is encrypted by a cipher that is known, with bcrypt, or not read", () => {
    for (const parts of [
      { cipher: "none", derivation: "bcrypt" },
      { cipher: "aes256-ctr", derivation: "none" },
      { cipher: "aes256-ctr", derivation: "scrypt" },
      { cipher: "3des-cbc" },
    ]) {
      const error = thrown(() => parseOpenSsh(encrypted(parts)));
      expect(error.code).toBe("ERR_LETHE_UNSUPPORTED");
      expect(error.message).toMatch(/not AES or chacha20-poly1305 with bcrypt; .*ssh-keygen -p -Z/);
    }
    for (const [name, cipher] of SSH_CIPHERS) {
      const tag = sample(cipher.tagBytes, 3);
      const content = sample(cipher.blockBytes * 3);
      const parsed = parseOpenSsh(encrypted({ cipher: name, content, behind: tag }));
      expect(parsed.encryption).toMatchObject({ cipher, salt: sample(16), rounds: 24 });
      expect([...(parsed.encryption?.tag ?? [])]).toEqual([...tag]);
      const longer = sample(content.length + 1);
      for (const wrong of [longer, longer.slice(2), []]) {
        const run = () => parseOpenSsh(encrypted({ cipher: name, content: wrong, behind: tag }));
        expect(code(run)).toBe(DAMAGED);
      }
    }
  });

  it("has a salt of 1 to 1024 bytes, one round at least, and no other option", () => {
    for (const options of [bcrypt(1, 1), bcrypt(1024, 2 ** 32 - 1)]) {
      expect(parseOpenSsh(encrypted({ options })).encryption).not.toBeNull();
    }
    for (const options of [bcrypt(0, 1), bcrypt(1025, 1), bcrypt(16, 0), [...bcrypt(16, 1), [0]]]) {
      expect(code(() => parseOpenSsh(encrypted({ options })))).toBe(DAMAGED);
    }
  });

  it("is not opened without a passphrase, or at a higher cost than is allowed", () => {
    const parsed = parseOpenSsh(encrypted({ options: bcrypt(16, 1) }));
    const passphrase = secrets.move(sample(8));
    const open = (bcryptRounds: number, given = true) =>
      thrown(() =>
        withOpenSsh(
          secrets,
          parsed,
          given ? passphrase : undefined,
          { bcryptRounds } as never,
          () => 0,
        ),
      );
    expect(open(1, false).message).toMatch(/it is encrypted; pass the option passphrase/);
    expect(open(0).code).toBe("ERR_LETHE_KEY_COST");
    expect(open(0).message).toContain("1 rounds of bcrypt, more than mostCost.bcryptRounds allows");
    expect(open(1).code).toBe("ERR_LETHE_KEY_PASSPHRASE");
    expect(secrets.stats.live).toBe(1);
  });
});

const SEED = sample(32, 1);
const PUBLIC = sample(32, 2);
const BLOB = sshPublicBlob("ed25519", PUBLIC) as View;
const ed25519 = (stated: Piece = PUBLIC, pair: Piece = [...SEED, ...PUBLIC]): readonly Piece[] => [
  ...text("ssh-ed25519"),
  ...sshString(stated),
  ...sshString(pair),
];

/** What is read of private parts in the clear. */
function read(
  fields: readonly Piece[],
  { blob = BLOB, padding = [], check = [1, 2, 3, 4, 1, 2, 3, 4], comment = "me@here" } = {} as {
    readonly blob?: Piece;
    readonly padding?: Piece;
    readonly check?: Piece;
    readonly comment?: string;
  },
): Material & { readonly comment: string } {
  const content = bytesOf(check, ...fields, ...text(comment), padding);
  const parsed = parseOpenSsh(file({ blob, content }));
  return withOpenSsh(secrets, parsed, undefined, {} as never, ({ material, comment: said }) => ({
    ...material,
    comment: Buffer.from(said).toString(),
  }));
}

describe("private parts of OpenSSH", () => {
  it("are the seed of Ed25519, once more with its public key", () => {
    expect(read(ed25519())).toEqual({
      ...{ type: "ed25519", seed: SEED, stated: PUBLIC },
      comment: "me@here",
    });
    for (const [stated, pair] of [
      [PUBLIC, [...SEED, ...PUBLIC.slice(1)]],
      [PUBLIC, [...SEED, ...PUBLIC, 0]],
      [PUBLIC.slice(1), [...SEED, ...PUBLIC]],
      [
        [...PUBLIC, 0],
        [...SEED, ...PUBLIC],
      ],
    ] as const) {
      expect(code(() => read(ed25519(stated, pair)))).toBe(DAMAGED);
    }
    const other = thrown(() => read(ed25519(PUBLIC, [...PUBLIC, ...SEED])));
    expect([other.code, other.message]).toEqual([
      INVALID,
      expect.stringMatching(/public part is not that of its private part/),
    ]);
  });

  it("have the public key in front of them, and no other", () => {
    const blobs = [
      [],
      BLOB.slice(0, -1),
      [...BLOB, 0],
      BLOB.with(BLOB.length - 1, (BLOB.at(-1) as number) ^ 1),
    ];
    for (const blob of blobs) {
      const error = thrown(() => read(ed25519(), { blob }));
      expect([error.code, error.message]).toEqual([
        INVALID,
        expect.stringMatching(/the public key in front of it is another one/),
      ]);
    }
  });

  it("begin with the same four bytes twice, and end with less than a block of padding", () => {
    for (let length = 0; length < 8; length++) {
      const padding = Array.from({ length }, (_, at) => at + 1);
      expect(read(ed25519(), { padding }).type).toBe("ed25519");
      if (length > 0) {
        const other = padding.with(-1, length + 1);
        expect(code(() => read(ed25519(), { padding: other }))).toBe(DAMAGED);
      }
    }
    const whole = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(code(() => read(ed25519(), { padding: whole }))).toBe(DAMAGED);
    for (const at of [0, 3, 4, 7]) {
      const check = [1, 2, 3, 4, 1, 2, 3, 4].with(at, 9);
      expect(code(() => read(ed25519(), { check }))).toBe(DAMAGED);
    }
  });

  it("are the numbers of RSA in the order of OpenSSH, and the scalar of a curve", () => {
    const [n, e, d, qi, p, q] = [[0xf1, 1], [3], [0x7f, 5], [4], [0xe1], [0xd1]] as const;
    const numbers = [n, e, d, qi, p, q].flatMap(sshNumber);
    const blob = sshPublicBlob("rsa", rsaPublicKey(n, e)) as View;
    const numbersOf = read([...text("ssh-rsa"), ...numbers], { blob });
    const parts = Object.entries(numbersOf).filter(([, value]) => value instanceof Uint8Array);
    expect(Object.fromEntries(parts.map(([name, value]) => [name, [...value]]))).toEqual({
      ...{ n, e, d, qi, p, q },
    });
    expect([
      numbersOf.type,
      "dp" in numbersOf && numbersOf.dp,
      "dq" in numbersOf && numbersOf.dq,
    ]).toEqual(["rsa", null, null]);
    const point = sample(65);
    const ecBlob = bytesOf(
      ...text("ecdsa-sha2-nistp256"),
      ...text("nistp256"),
      ...sshString(point),
    );
    const ec = (curve: string) => [
      ...[...text("ecdsa-sha2-nistp256"), ...text(curve), ...sshString(point)],
      ...sshNumber([0x81, 2]),
    ];
    expect(read(ec("nistp256"), { blob: ecBlob })).toEqual({
      ...{ type: "p256", scalar: Uint8Array.of(0x81, 2), stated: point },
      comment: "me@here",
    });
    expect(code(() => read(ec("nistp384"), { blob: ecBlob }))).toBe(DAMAGED);
  });
});
