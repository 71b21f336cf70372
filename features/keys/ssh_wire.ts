import { ascii } from "../../core/sealed_key_mark.ts";
import { curveBy, curveOf, type NamedCurve } from "./algorithms.ts";
import {
  copyOf,
  isText,
  lengthOfPieces,
  type Piece,
  u32,
  type View,
  within,
  writePieces,
} from "./bytes.ts";
import type { KeyType } from "./key.ts";
import type { PublicMaterial } from "./material.ts";
import { parsePkcs1Public } from "./pkcs1.ts";
import { damaged, unsupported } from "./refusal.ts";

/** Reads the encoding of SSH (RFC 4251, section 5). It steps forward alone. */
export class SshReader {
  readonly #bytes: View;
  #at = 0;

  constructor(bytes: View) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** What follows. */
  get rest(): View {
    return within(this.#bytes, this.#at);
  }

  take(byteLength: number): View {
    if (byteLength > this.#bytes.length - this.#at) throw damaged("its encoding of SSH");
    const start = this.#at;
    this.#at += byteLength;
    return within(this.#bytes, start, this.#at);
  }

  u32(): number {
    return this.take(4).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  string(): View {
    return this.take(this.u32());
  }

  /** A number that is not negative, without its sign. */
  unsigned(): View {
    const bytes = this.string();
    const [first = 0, second = 0x80] = bytes;
    if (first >= 0x80 || (first === 0 && second < 0x80)) throw damaged("a number of it");
    return first === 0 ? within(bytes, Math.min(1, bytes.length)) : bytes;
  }

  end(): void {
    if (!this.done) throw damaged("its encoding of SSH");
  }
}

export function sshString(bytes: Piece): readonly Piece[] {
  return [u32(bytes.length), bytes];
}

/** @param bytes without zeros in front */
export function sshNumber(bytes: Piece): readonly Piece[] {
  const sign = (bytes[0] ?? 0) >= 0x80 ? [0] : [];
  return [u32(sign.length + bytes.length), sign, bytes];
}

/** The name of a type (RFC 4253, RFC 5656, RFC 8709), or null where OpenSSH has none. */
export function sshName(type: KeyType): readonly number[] | null {
  if (type === "ed25519") return ascii("ssh-ed25519");
  if (type === "rsa") return ascii("ssh-rsa");
  const curve = curveOf(type);
  return curve === undefined ? null : [...EC_NAME, ...curve.ssh];
}

const EC_NAME = ascii("ecdsa-sha2-");

/** The type of a name. @throws {LetheError} `ERR_LETHE_UNSUPPORTED` */
export function typeOfSshName(name: View): KeyType {
  if (isText(name, "ssh-ed25519")) return "ed25519";
  if (isText(name, "ssh-rsa")) return "rsa";
  const isEc = isText(within(name, 0, Math.min(name.length, EC_NAME.length)), "ecdsa-sha2-");
  const curve = isEc ? curveBy("ssh", within(name, EC_NAME.length)) : undefined;
  if (curve !== undefined) return curve.type;
  throw unsupported(
    "its type is not Ed25519, ECDSA or RSA (a key on a security token, a certificate and DSA are not read)",
    "make a key of one of these with ssh-keygen -t",
  );
}

/** A public key as SSH has it on the wire. */
export function parseSshPublic(blob: View): PublicMaterial {
  const reader = new SshReader(blob);
  const material = publicFields(reader, typeOfSshName(reader.string()));
  reader.end();
  return material;
}

/** The fields of a public key, behind its name. */
export function publicFields(reader: SshReader, type: KeyType): PublicMaterial {
  if (type === "rsa") {
    const [e, n] = [reader.unsigned(), reader.unsigned()];
    return { type, n, e };
  }
  const curve = curveOf(type);
  if (curve !== undefined) checkCurveName(reader, curve);
  return { type, point: reader.string() };
}

/** An EC key names its curve twice. */
export function checkCurveName(reader: SshReader, curve: NamedCurve): void {
  const name = reader.string();
  if (name.length !== curve.ssh.length || curveBy("ssh", name) !== curve) {
    throw damaged("its encoding of SSH");
  }
}

/** A public key for the wire, or null for X25519, which SSH has not. */
export function sshPublicBlob(type: KeyType, publicKey: View): View | null {
  const name = sshName(type);
  if (name === null) return null;
  const pieces = [...sshString(name), ...publicPieces(type, publicKey)];
  const blob = new Uint8Array(new ArrayBuffer(lengthOfPieces(pieces)));
  writePieces(pieces, blob);
  return copyOf(blob);
}

function publicPieces(type: KeyType, publicKey: View): readonly Piece[] {
  if (type === "rsa") {
    const rsa = parsePkcs1Public(publicKey);
    if (rsa.type === "rsa") return [...sshNumber(rsa.e), ...sshNumber(rsa.n)];
  }
  const curve = curveOf(type);
  return [...(curve === undefined ? [] : sshString(curve.ssh)), ...sshString(publicKey)];
}
