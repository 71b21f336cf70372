import { verify } from "node:crypto";
import { ascii } from "../../core/sealed_key_mark.ts";
import type { KeyPairType } from "../custodian/types.ts";
import { formatPublicKey } from "../keys/mod.ts";
import {
  isText,
  lengthOfPieces,
  type Piece,
  parseSshPublic,
  publicKeyOf,
  SshReader,
  sshNumber,
  sshString,
  trimmed,
  type View,
  within,
  writePieces,
} from "../keys/ssh.ts";

const RSA_NAMES = { sha256: "rsa-sha2-256", sha512: "rsa-sha2-512" } as const;
const CURVES: Readonly<Record<string, readonly [name: string, hash: string, byteLength: number]>> =
  {
    p256: ["ecdsa-sha2-nistp256", "sha256", 32],
    p384: ["ecdsa-sha2-nistp384", "sha384", 48],
    p521: ["ecdsa-sha2-nistp521", "sha512", 66],
  };

/** A signature of a custodian as SSH has it (RFC 4253, RFC 5656, RFC 8332, RFC 8709). */
export function signatureBlob(
  type: KeyPairType,
  signature: Uint8Array<ArrayBuffer>,
  hash: "sha256" | "sha512",
): View {
  const [name] = CURVES[type] ?? [type === "rsa" ? RSA_NAMES[hash] : "ssh-ed25519"];
  return join([...sshString(ascii(name)), ...sshString(signatureContent(type, signature))]);
}

/** What stands behind the name of the algorithm in one: of ECDSA two numbers. */
export function signatureContent(type: KeyPairType, signature: Uint8Array<ArrayBuffer>): View {
  const [, , byteLength] = CURVES[type] ?? [];
  if (byteLength === undefined) return signature;
  const numbers = [within(signature, 0, byteLength), within(signature, byteLength)];
  return join(numbers.flatMap((number) => sshNumber(trimmed(number))));
}

/** Whether a signature of SSH is one of `message` by the key; false for every key that is not known here. */
export function isSignedBy(keyBlob: View, message: Uint8Array, signature: View): boolean {
  try {
    const material = parseSshPublic(keyBlob);
    const { type } = material;
    const publicKey = publicKeyOf(material);
    const reader = new SshReader(signature);
    const [name, content] = [reader.string(), reader.string()];
    reader.end();
    const key = {
      key: formatPublicKey({ type, publicKey }, { format: "spki" }),
      format: "der",
      type: "spki",
    } as const;
    const curve = CURVES[type];
    if (curve !== undefined) {
      const [wanted, hash, byteLength] = curve;
      if (!isText(name, wanted)) return false;
      const numbers = new SshReader(content);
      const fixed = new Uint8Array(2 * byteLength);
      for (const end of [byteLength, 2 * byteLength]) {
        const number = numbers.unsigned();
        fixed.set(number, end - number.length);
      }
      numbers.end();
      return verify(hash, message, { ...key, dsaEncoding: "ieee-p1363" }, fixed);
    }
    if (type === "ed25519")
      return isText(name, "ssh-ed25519") && verify(null, message, key, content);
    const hash = (["sha256", "sha512"] as const).find((each) => isText(name, RSA_NAMES[each]));
    return type === "rsa" && hash !== undefined && verify(hash, message, key, content);
  } catch {
    return false; // what cannot be read is signed by nobody
  }
}

function join(pieces: readonly Piece[]): View {
  const bytes = new Uint8Array(new ArrayBuffer(lengthOfPieces(pieces)));
  writePieces(pieces, bytes);
  return bytes;
}
