import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { freshOf } from "../../core/fresh.ts";
import { ascii } from "../../core/sealed_key_mark.ts";
import { curveOf } from "./algorithms.ts";
import {
  lengthOfPieces,
  type Piece,
  trimmed,
  u32,
  type View,
  within,
  writePieces,
} from "./bytes.ts";
import type { FileCipher } from "./ciphers.ts";
import type { KeyType } from "./key.ts";
import { OPENSSH_MAGIC, PLAIN_BLOCK, SSH_CIPHERS, sshRoom } from "./openssh.ts";
import { encodePem } from "./pem.ts";
import { parsePkcs1 } from "./pkcs1.ts";
import { bcryptPbkdf } from "./primitives/bcrypt_pbkdf.ts";
import { roundUp, withWorkspace } from "./primitives/workspace.ts";
import { cannotWrite } from "./refusal.ts";
import { sshName, sshNumber, sshPublicBlob, sshString } from "./ssh_wire.ts";

/** How to encrypt. */
export interface SshSealing {
  readonly passphrase: SecretBuffer;
  readonly cipher: "aes256-ctr" | "chacha20-poly1305@openssh.com";
  readonly rounds: number;
}

const SALT_BYTES = 16;
/** As ssh-keygen breaks its lines. */
const LINE = 70;

/**
 * OpenSSH's form of a private key (PROTOCOL.key), as the bytes of a new secret.
 *
 * @param secret as {@link PrivateKey} has it
 */
export function formatOpenSsh(
  secrets: Secrets,
  type: KeyType,
  secret: View,
  publicKey: View,
  comment: Uint8Array | null,
  sealing: SshSealing | null,
): SecretBuffer {
  const [name, blob] = [sshName(type), sshPublicBlob(type, publicKey)];
  if (name === null || blob === null)
    throw cannotWrite("OpenSSH has no such keys", "use pkcs8-pem");
  const cipher = sealing === null ? null : cipherOf(sealing.cipher);
  const block = cipher?.blockBytes ?? PLAIN_BLOCK;
  const check = new Uint8Array(8);
  freshOf(secrets).fill(check); // twice the same four bytes tell a wrong passphrase
  const once = within(check, 4);
  const pieces = [
    ...[once, once, ...sshString(name)],
    ...fieldsOf(type, secret, publicKey),
    ...sshString(comment ?? []),
  ];
  const bare = lengthOfPieces(pieces);
  const padding = Array.from({ length: (block - (bare % block)) % block }, (_, at) => at + 1);
  const length = bare + padding.length;
  const salt = new Uint8Array(SALT_BYTES);
  freshOf(secrets).fill(salt);
  const head = headOf(sealing, salt, blob, length);
  const tagBytes = cipher?.tagBytes ?? 0;
  const whole = lengthOfPieces(head) + length + tagBytes;
  return withWorkspace(secrets, sshRoom(length) + roundUp(whole), (space) => {
    const file = space.bytes(whole);
    writePieces(head, file);
    const at = lengthOfPieces(head);
    const target = within(file, at, at + length);
    if (sealing === null || cipher === null) {
      writePieces([...pieces, padding], target);
    } else {
      const source = space.bytes(length);
      writePieces([...pieces, padding], source);
      const derived = space.bytes(cipher.keyBytes + cipher.vectorBytes);
      const { passphrase, rounds } = sealing;
      passphrase.expose((bytes) => bcryptPbkdf(bytes, salt, rounds, derived, space));
      const key = within(derived, 0, cipher.keyBytes);
      const vector = within(derived, cipher.keyBytes);
      cipher.seal({ key, vector, source, target, tag: within(file, at + length), space });
    }
    return encodePem(secrets, file, "OPENSSH PRIVATE KEY", LINE);
  });
}

function cipherOf(wanted: SshSealing["cipher"]): FileCipher {
  const found = SSH_CIPHERS.find(([name]) => name === wanted);
  if (found === undefined) throw cannotWrite("there is no such cipher", "use aes256-ctr");
  return found[1];
}

function headOf(
  sealing: SshSealing | null,
  salt: Piece,
  blob: Piece,
  length: number,
): readonly Piece[] {
  const options = sealing === null ? [] : [...sshString(salt), u32(sealing.rounds)];
  return [
    OPENSSH_MAGIC,
    ...sshString(ascii(sealing?.cipher ?? "none")),
    ...sshString(ascii(sealing === null ? "none" : "bcrypt")),
    ...[u32(lengthOfPieces(options)), ...options],
    ...[u32(1), ...sshString(blob), u32(length)],
  ];
}

function fieldsOf(type: KeyType, secret: View, publicKey: View): readonly Piece[] {
  if (type === "rsa") {
    const { n, e, d, p, q, qi } = parsePkcs1(secret);
    return [n, e, d, qi, p, q].flatMap(sshNumber);
  }
  const curve = curveOf(type);
  if (curve === undefined) return [...sshString(publicKey), ...sshString(secret)];
  return [...sshString(curve.ssh), ...sshString(publicKey), ...sshNumber(trimmed(secret))];
}
