// The vectors of the package cctv-age, which the authors of age publish for every implementation.
import { inflateSync } from "node:zlib";
import * as files from "cctv-age";

/** One vector: how it is to end, with whom, and the file. */
export interface CctvVector {
  readonly name: string;
  readonly expect: string;
  readonly identities: readonly string[];
  readonly passphrases: readonly string[];
  readonly armored: boolean;
  /** SHA-256 of all plaintext that is authentic, in hex. */
  readonly payload: string;
  readonly file: Uint8Array<ArrayBuffer>;
}

/** Whether Lethe has the recipient type that the vector is about. */
export function isHybrid({ identities }: CctvVector): boolean {
  return identities.some((text) => text.startsWith("AGE-SECRET-KEY-PQ-"));
}

export const CCTV: readonly CctvVector[] = Object.entries(files as Record<string, unknown>)
  .filter((entry): entry is [string, Uint8Array] => entry[1] instanceof Uint8Array)
  .map(([name, bytes]) => parse(name, Buffer.from(bytes)));

function parse(name: string, bytes: Buffer): CctvVector {
  const end = bytes.indexOf("\n\n");
  const fields = bytes
    .subarray(0, end)
    .toString()
    .split("\n")
    .map((line) => line.split(/: (.*)/s));
  const all = (key: string): readonly string[] =>
    fields.filter(([name]) => name === key).map(([, value]) => value ?? "");
  const body = bytes.subarray(end + 2);
  return {
    name,
    expect: all("expect")[0] ?? "",
    identities: all("identity"),
    passphrases: all("passphrase"),
    armored: all("armored")[0] === "yes",
    payload: all("payload")[0] ?? "",
    file: new Uint8Array(all("compressed")[0] === "zlib" ? inflateSync(body) : body),
  };
}
