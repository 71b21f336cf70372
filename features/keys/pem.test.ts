import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { read, sample, thrown } from "../../testing/core/samples.ts";
import {
  decodePem,
  decodeText,
  encodePem,
  hasPem,
  PRIVATE_LABELS,
  PUBLIC_LABELS,
  pemBlocks,
} from "./pem.ts";

const secrets = openSecrets();
afterEach(() => {
  expect(secrets.stats.live).toBe(0);
});

const view = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(text, "latin1"));
const block = (label: string, body: string = "\nAAAA\n"): string =>
  `-----BEGIN ${label}-----${body}-----END ${label}-----\n`;
/** The label and the text of each block. */
const blocks = (text: string): unknown[] =>
  pemBlocks(view(text)).map(({ label, start, end }) => [label, text.slice(start, end)]);
const code = (run: () => unknown): unknown => thrown(run).code;
const DAMAGED = "ERR_LETHE_KEY_DAMAGED";

describe("blocks of PEM", () => {
  it("have a label of a key, or are passed over", () => {
    for (const label of [...PRIVATE_LABELS, ...PUBLIC_LABELS]) {
      expect(blocks(block(label))).toEqual([[label, "\nAAAA\n"]]);
    }
    for (const label of ["CERTIFICATE", "", "PRIVATE KEY ", "PRIVATE KE", "X PRIVATE KEY"]) {
      expect(blocks(block(label))).toEqual([[null, "\nAAAA\n"]]);
    }
  });

  it("are found one after the other, whatever stands around them", () => {
    const [one, other] = [block("PRIVATE KEY", "\nBB\n"), block("PUBLIC KEY", "")];
    const found = [
      ["PRIVATE KEY", "\nBB\n"],
      ["PUBLIC KEY", ""],
    ];
    for (const text of [
      one + other,
      one.trim() + other,
      `- -- ---- ----- -----BEGI\n${one}-----END X-----${other}-`,
    ]) {
      expect(blocks(text)).toEqual(found);
    }
    const within = block("CERTIFICATE", "\n-----BEGIN PRIVATE KEY-----\nAA\n");
    expect(blocks(within + other)).toMatchObject([[null, expect.any(String)], found[1]]);
    expect([blocks(""), blocks("-----BEGIN"), blocks("no block")]).toEqual([[], [], []]);
    expect([hasPem(view(`x${one}`)), hasPem(view(one.slice(1))), hasPem(view(""))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("end with the label that they began with", () => {
    for (const text of [
      "-----BEGIN PRIVATE KEY",
      "-----BEGIN PRIVATE KEY-----\nAA",
      "-----BEGIN PRIVATE KEY-----\nAA\n-----END ",
      "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY----",
      "-----BEGIN PRIVATE KEY-----\nAA\n-----END PUBLIC KEY-----",
      "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEYS-----",
      block("X".repeat(64)),
      block("X".repeat(65)),
    ]) {
      expect(code(() => pemBlocks(view(text)))).toBe(DAMAGED);
    }
    expect(blocks(block("X".repeat(63)))).toEqual([[null, "\nAAAA\n"]]);
    expect(blocks(block("X").slice(0, -1))).toEqual([[null, "\nAAAA\n"]]);
  });
});

describe("the text of a block", () => {
  const decoded = (body: string): number[] => {
    const bytes = view(block("PRIVATE KEY", body));
    const [found] = pemBlocks(bytes);
    if (found === undefined) throw new Error("no block");
    const secret = decodePem(secrets, bytes, found);
    try {
      return [...read(secret)];
    } finally {
      secret.destroy();
    }
  };

  it("is base64 with white space at any place, and nothing else", () => {
    expect(decoded("AQID")).toEqual([1, 2, 3]);
    for (let byte = 0; byte < 256; byte++) {
      const other = String.fromCharCode(byte);
      if (/[A-Za-z0-9+/=-]/.test(other)) continue;
      const texts = [`${other}AQID`, `AQ${other}ID`, `AQI${other}${other}D${other}`];
      const isWhite = byte === 32 || (byte >= 9 && byte <= 13);
      for (const text of texts) {
        if (isWhite) expect(decoded(text)).toEqual([1, 2, 3]);
        else expect([byte, code(() => decoded(text))]).toEqual([byte, DAMAGED]);
      }
    }
    for (const text of ["", "\n", "AQI", "A", "AQID=", "AQ=="]) {
      if (text === "AQ==") expect(decoded(text)).toEqual([1]);
      else expect(code(() => decoded(text))).toBe(DAMAGED);
    }
  });

  it("is not read where old PEM encrypted it", () => {
    const header = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAQID\n";
    for (const front of ["", "\n", "\r\n", "\r\n\r\n", " \n \t ", "\n\n\n\n\n"]) {
      const error = thrown(() => decoded(front + header));
      expect(error.code).toBe("ERR_LETHE_UNSUPPORTED");
      expect(error.message).toMatch(/old encryption of PEM .*openssl pkcs8 -topk8/);
    }
    expect(code(() => decoded("\nProc-Typ: AQID"))).toBe(DAMAGED);
  });

  it("that is none has no length, and leaves no secret", () => {
    expect(code(() => decodeText(secrets, view(""), "base64url", "its text"))).toBe(DAMAGED);
    expect(
      thrown(() => decodeText(secrets, view("A*ID"), "base64url", "its text")).message,
    ).toMatch(/^Cannot parse key: its text is malformed/);
    const secret = decodeText(secrets, view("-_8"), "base64url", "its text");
    expect([...read(secret)]).toEqual([0xfb, 0xff]);
    secret.destroy();
  });
});

it("a block is written in lines of 64 characters, or as many as are asked for, and read again", () => {
  for (const length of [1, 47, 48, 49, 96, 97, 200]) {
    for (const line of [undefined, 70]) {
      const bytes = sample(length);
      const secret = encodePem(secrets, bytes, "PRIVATE KEY", line);
      const written = read(secret);
      const base64 = Buffer.from(bytes).toString("base64");
      const lines = base64.match(new RegExp(`.{1,${line ?? 64}}`, "g")) ?? [];
      expect(Buffer.from(written).toString("latin1")).toBe(
        block("PRIVATE KEY", `\n${lines.join("\n")}\n`),
      );
      const [found] = pemBlocks(written);
      if (found === undefined) throw new Error("no block");
      const back = decodePem(secrets, written, found);
      expect([...read(back)]).toEqual([...bytes]);
      for (const each of [secret, back]) each.destroy();
    }
  }
});
