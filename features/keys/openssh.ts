import { equalBytes } from "../../core/bytes.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { ascii } from "../../core/sealed_key_mark.ts";
import { curveOf } from "./algorithms.ts";
import { copyOf, isText, type View, within } from "./bytes.ts";
import { CHACHA_POLY, CIPHER_ROOM, cbc, counting, type FileCipher, gcm } from "./ciphers.ts";
import type { Material, SeedMaterial } from "./material.ts";
import type { Bounds } from "./pbes2.ts";
import { rsaPublicKey } from "./pkcs1.ts";
import { BCRYPT_ROOM, bcryptPbkdf } from "./primitives/bcrypt_pbkdf.ts";
import { roundUp, withWorkspace } from "./primitives/workspace.ts";
import {
  behindPassphrase,
  damaged,
  invalid,
  needsPassphrase,
  tooCostly,
  unsupported,
  wrongFormat,
  wrongPassphrase,
} from "./refusal.ts";
import { checkCurveName, SshReader, sshPublicBlob, typeOfSshName } from "./ssh_wire.ts";

/** How a file begins (OpenSSH PROTOCOL.key). */
export const OPENSSH_MAGIC: readonly number[] = [...ascii("openssh-key-v1"), 0];

/** Ciphers that ssh-keygen -Z takes, by name. */
export const SSH_CIPHERS: readonly (readonly [string, FileCipher])[] = [
  ["aes256-ctr", counting(256)],
  ["chacha20-poly1305@openssh.com", CHACHA_POLY],
  ["aes256-cbc", cbc(256)],
  ["aes256-gcm@openssh.com", gcm(256)],
  ["aes192-ctr", counting(192)],
  ["aes128-ctr", counting(128)],
  ["aes192-cbc", cbc(192)],
  ["aes128-cbc", cbc(128)],
  ["aes128-gcm@openssh.com", gcm(128)],
];

const LONGEST_SALT = 1024;

/** The parts of a file, the private ones maybe encrypted. */
export interface OpenSshFile {
  /** Null: in the clear. */
  readonly encryption: {
    readonly cipher: FileCipher;
    readonly salt: View;
    readonly rounds: number;
    readonly tag: View;
  } | null;
  readonly publicBlob: View;
  readonly content: View;
}

export function parseOpenSsh(bytes: View): OpenSshFile {
  const reader = new SshReader(bytes);
  if (!isMagic(reader.take(Math.min(bytes.length, OPENSSH_MAGIC.length)))) {
    throw damaged("its encoding of SSH");
  }
  const [cipherName, derivation, options] = [reader.string(), reader.string(), reader.string()];
  const count = reader.u32();
  if (count !== 1) throw wrongFormat(`it has ${count} keys; write each into a separate file`);
  const publicBlob = reader.string();
  const content = reader.string();
  if (isText(cipherName, "none") && isText(derivation, "none")) {
    reader.end();
    return { encryption: null, publicBlob, content };
  }
  const cipher = SSH_CIPHERS.find(([name]) => isText(cipherName, name))?.[1];
  if (cipher === undefined || !isText(derivation, "bcrypt")) {
    throw unsupported(
      "its encryption is not AES or chacha20-poly1305 with bcrypt",
      "change it with ssh-keygen -p -Z aes256-ctr -f FILE",
    );
  }
  const parameters = new SshReader(options);
  const [salt, rounds] = [parameters.string(), parameters.u32()];
  parameters.end();
  const tag = reader.take(cipher.tagBytes);
  reader.end();
  if (salt.length < 1 || salt.length > LONGEST_SALT || rounds < 1) throw damaged("its encryption");
  if (content.length === 0 || content.length % cipher.blockBytes !== 0) {
    throw damaged("its encryption");
  }
  return { encryption: { cipher, salt, rounds, tag }, publicBlob, content };
}

function isMagic(bytes: View): boolean {
  return (
    bytes.length === OPENSSH_MAGIC.length && bytes.every((byte, at) => byte === OPENSSH_MAGIC[at])
  );
}

/** What is read from the private parts. */
export interface OpenSshKey {
  readonly material: Material;
  readonly comment: View;
}

/** The key of a file, for the time of `use`. */
export function withOpenSsh<T>(
  secrets: Secrets,
  file: OpenSshFile,
  passphrase: SecretBuffer | undefined,
  bounds: Bounds,
  use: (key: OpenSshKey) => T,
): T {
  const { encryption, content, publicBlob } = file;
  if (encryption === null) {
    return use(parsePrivate(content, publicBlob, PLAIN_BLOCK, damaged("its private part")));
  }
  if (passphrase === undefined) throw needsPassphrase();
  const { cipher, salt, rounds, tag } = encryption;
  if (rounds > bounds.bcryptRounds) {
    throw tooCostly(`${rounds} rounds of bcrypt`, "bcryptRounds");
  }
  const derivedBytes = cipher.keyBytes + cipher.vectorBytes;
  return withWorkspace(secrets, sshRoom(content.length), (space) => {
    const derived = space.bytes(derivedBytes);
    passphrase.expose((bytes) => bcryptPbkdf(bytes, salt, rounds, derived, space));
    const key = within(derived, 0, cipher.keyBytes);
    const vector = within(derived, cipher.keyBytes);
    const target = space.bytes(content.length);
    if (!cipher.open({ key, vector, source: content, target, tag, space })) throw wrongPassphrase();
    const opened = behindPassphrase(() =>
      parsePrivate(target, publicBlob, cipher.blockBytes, wrongPassphrase()),
    );
    return use(opened);
  });
}

/** What opening or sealing `length` bytes takes of a workspace. */
export function sshRoom(length: number): number {
  return BCRYPT_ROOM + CIPHER_ROOM + 256 + roundUp(length);
}

/** The block that padding fills where nothing is encrypted. */
export const PLAIN_BLOCK = 8;

/** @param unequal what is thrown when the two numbers in front differ */
function parsePrivate(bytes: View, publicBlob: View, block: number, unequal: Error): OpenSshKey {
  const reader = new SshReader(bytes);
  const [first, second] = [reader.take(4), reader.take(4)];
  if (!equalBytes(first, second)) throw unequal;
  const material = parseSshPrivate(reader);
  const comment = reader.string();
  const padding = reader.rest;
  if (padding.length >= block || padding.some((byte, at) => byte !== at + 1)) {
    throw damaged("its padding");
  }
  checkOutside(material, publicBlob);
  return { material, comment: copyOf(comment) };
}

/** The fields of a private key, from its name on: in a file, and in a request to an agent. */
export function parseSshPrivate(reader: SshReader): Material {
  const type = typeOfSshName(reader.string());
  if (type === "rsa") {
    const [n, e, d] = [reader.unsigned(), reader.unsigned(), reader.unsigned()];
    const [qi, p, q] = [reader.unsigned(), reader.unsigned(), reader.unsigned()];
    return { type, n, e, d, p, q, dp: null, dq: null, qi };
  }
  const curve = curveOf(type);
  if (curve !== undefined) checkCurveName(reader, curve);
  if (curve === undefined) return ed25519Fields(reader);
  const stated = reader.string();
  return { type: curve.type, scalar: reader.unsigned(), stated };
}

/** The fields of a private Ed25519 key, behind its name. */
export function ed25519Fields(reader: SshReader): SeedMaterial & { readonly stated: View } {
  const stated = reader.string();
  const pair = reader.string(); // seed and public key once more
  if (pair.length !== 64 || stated.length !== 32) throw damaged("its private part");
  if (!equalBytes(within(pair, 32), stated)) {
    throw invalid("its public part is not that of its private part; restore the key");
  }
  return { type: "ed25519", seed: within(pair, 0, 32), stated };
}

/** The public key stands in front, outside of what is encrypted, too. */
function checkOutside(material: Material, publicBlob: View): void {
  const publicKey =
    material.type === "rsa" ? rsaPublicKey(material.n, material.e) : material.stated;
  const expected = publicKey === null ? null : sshPublicBlob(material.type, publicKey);
  if (expected?.length === publicBlob.length && equalBytes(expected, publicBlob)) return;
  throw invalid("the public key in front of it is another one; restore the key");
}
