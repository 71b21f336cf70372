import { describe, expect, it } from "vitest";
import { ascii } from "../../core/sealed_key_mark.ts";
import { sample, thrown } from "../../testing/core/samples.ts";
import { type Piece, u32, type View, writePieces } from "./bytes.ts";
import { rsaPublicKey } from "./pkcs1.ts";
import {
  parseSshPublic,
  SshReader,
  sshName,
  sshNumber,
  sshPublicBlob,
  sshString,
  typeOfSshName,
} from "./ssh_wire.ts";

/** Pieces as bytes that do not begin where their buffer begins, nor end where it ends. */
function view(...pieces: readonly Piece[]): View {
  const bytes = pieces.flatMap((piece) => [...piece]);
  const whole = new Uint8Array(bytes.length + 8).fill(0x7e);
  whole.set(bytes, 3);
  return whole.subarray(3, 3 + bytes.length);
}
const code = (run: () => unknown): unknown => thrown(run).code;
const DAMAGED = "ERR_LETHE_KEY_DAMAGED";
const POINT = sample(65);

describe("reading the encoding of SSH", () => {
  it("goes no further than the bytes do", () => {
    const reader = new SshReader(view([1, 2, 3, 4, 5]));
    expect([[...reader.take(2)], [...reader.take(0)], reader.done]).toEqual([[1, 2], [], false]);
    expect(code(() => reader.take(4))).toBe(DAMAGED);
    expect(code(() => reader.u32())).toBe(DAMAGED);
    expect(code(() => reader.end())).toBe(DAMAGED);
    expect([[...reader.rest], [...reader.take(3)], reader.done]).toEqual([
      [3, 4, 5],
      [3, 4, 5],
      true,
    ]);
    reader.end();
    expect([reader.rest.length, code(() => reader.take(1))]).toEqual([0, DAMAGED]);
  });

  it("reads numbers of 32 bits, and strings of so many bytes", () => {
    const reader = new SshReader(view([1, 2, 3, 4], [0xff, 0xff, 0xff, 0xff]));
    expect([reader.u32(), reader.u32()]).toEqual([0x01020304, 2 ** 32 - 1]);
    const strings = new SshReader(view(...sshString([7, 8]), ...sshString([])));
    expect([[...strings.string()], [...strings.string()], strings.done]).toEqual([
      [7, 8],
      [],
      true,
    ]);
    for (const length of [3, 2 ** 31, 2 ** 32 - 1]) {
      expect(code(() => new SshReader(view(u32(length), [7, 8])).string())).toBe(DAMAGED);
    }
  });

  it("has of numbers that are not negative one form each", () => {
    const read = (...bytes: readonly number[]): number[] => [
      ...new SshReader(view(...sshString(bytes))).unsigned(),
    ];
    for (const [bytes, number] of [
      [[], []],
      [[1], [1]],
      [
        [0x7f, 0],
        [0x7f, 0],
      ],
      [[0, 0x80], [0x80]],
      [
        [0, 0xff, 1],
        [0xff, 1],
      ],
    ] as const) {
      expect(read(...bytes)).toEqual(number);
      expect(sshNumber(number).flatMap((piece) => [...piece])).toEqual([
        ...u32(bytes.length),
        ...bytes,
      ]);
    }
    for (const bytes of [[0x80], [0xff, 1], [0, 0x7f], [0, 0, 0x80]]) {
      expect(code(() => read(...bytes))).toBe(DAMAGED);
    }
  });
});

describe("a public key of SSH", () => {
  const blob = (name: string, ...pieces: readonly Piece[]): View =>
    view(...sshString(ascii(name)), ...pieces);
  const CURVES = ["nistp256", "nistp384", "nistp521"] as const;

  it("of Ed25519 and of a curve is its name, the curve, and the point", () => {
    expect(parseSshPublic(blob("ssh-ed25519", ...sshString(POINT)))).toMatchObject({
      type: "ed25519",
      point: POINT,
    });
    for (const curve of CURVES) {
      const bytes = blob(`ecdsa-sha2-${curve}`, ...sshString(ascii(curve)), ...sshString(POINT));
      const key = parseSshPublic(bytes);
      expect(key).toMatchObject({ point: POINT });
      expect([...(sshPublicBlob(key.type, POINT) ?? [])]).toEqual([...bytes]);
      expect(typeOfSshName(view(ascii(`ecdsa-sha2-${curve}`)))).toBe(key.type);
    }
    const again = sshPublicBlob("ed25519", POINT);
    expect([...(again ?? [])]).toEqual([...blob("ssh-ed25519", ...sshString(POINT))]);
  });

  it("of RSA has the exponent first, where its DER has it last", () => {
    const [n, e] = [view([0xff, 1, 2]), view([1, 0, 1])];
    const bytes = blob("ssh-rsa", ...sshNumber(e), ...sshNumber(n));
    expect(parseSshPublic(bytes)).toEqual({ type: "rsa", n, e });
    expect([...(sshPublicBlob("rsa", rsaPublicKey(n, e)) ?? [])]).toEqual([...bytes]);
  });

  it("names its curve twice in the same way, and has nothing behind it", () => {
    for (const bytes of [
      blob("ecdsa-sha2-nistp256", ...sshString(ascii("nistp384")), ...sshString(POINT)),
      blob("ecdsa-sha2-nistp256", ...sshString(ascii("nistp25")), ...sshString(POINT)),
      blob("ecdsa-sha2-nistp256", ...sshString([]), ...sshString(POINT)),
      blob("ssh-ed25519", ...sshString(POINT), [0]),
      blob("ssh-rsa", ...sshNumber([1, 0, 1]), ...sshNumber([0xff]), [0]),
      blob("ssh-ed25519"),
    ]) {
      expect(code(() => parseSshPublic(bytes))).toBe(DAMAGED);
    }
  });

  it("of another type is not read, and X25519 has no name", () => {
    for (const name of [
      "",
      "ssh-dss",
      "ssh-ed2551",
      "ssh-ed25519 ",
      "ecdsa-sha2-",
      "ecdsa-sha2-nistp25",
      "ecdsa-sha1-nistp256",
      "xcdsa-sha2-nistp256",
      "sk-ssh-ed25519@openssh.com",
      "ssh-rsa-cert-v01@openssh.com",
    ]) {
      const error = thrown(() => typeOfSshName(view(ascii(name))));
      expect([name, error.code]).toEqual([name, "ERR_LETHE_UNSUPPORTED"]);
      expect(error.message).toMatch(/security token, a certificate and DSA.*ssh-keygen -t$/);
    }
    expect([sshName("x25519"), sshPublicBlob("x25519", POINT)]).toEqual([null, null]);
    expect([typeOfSshName(view(ascii("ssh-rsa"))), sshName("rsa")]).toEqual([
      "rsa",
      ascii("ssh-rsa"),
    ]);
  });
});

it("pieces are written one after another, from a place on", () => {
  const target = new Uint8Array(6);
  writePieces([[1, 2], Uint8Array.of(3), []], target, 2);
  expect([...target]).toEqual([0, 0, 1, 2, 3, 0]);
  writePieces([[9]], target);
  expect([...target]).toEqual([9, 0, 1, 2, 3, 0]);
  expect([u32(0), u32(0x01020304), u32(2 ** 32 - 1)]).toEqual([
    [0, 0, 0, 0],
    [1, 2, 3, 4],
    [255, 255, 255, 255],
  ]);
});
