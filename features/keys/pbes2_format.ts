import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { freshOf } from "../../core/fresh.ts";
import { born } from "../crypto/lend.ts";
import { type Piece, trimmed, u32, type View, within } from "./bytes.ts";
import { CIPHER_ROOM, cbc, type FileCipher, gcm } from "./ciphers.ts";
import {
  type Der,
  der,
  derLength,
  derSequence,
  derUnsigned,
  NULL,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  writeDer,
} from "./der.ts";
import { type Derivation, deriveKey, roomFor } from "./pbes2.ts";
import { AES, HMAC, PBES2, PBKDF2, SCRYPT } from "./pbes2_names.ts";
import { SHA256 } from "./primitives/sha256.ts";
import { roundUp, withWorkspace } from "./primitives/workspace.ts";

/** How to encrypt. */
export interface Pbes2Sealing {
  readonly passphrase: SecretBuffer;
  readonly derivation: "pbkdf2" | "scrypt";
  readonly cipher: "aes-128-cbc" | "aes-256-cbc" | "aes-256-gcm";
  readonly cost: number;
}

const SALT_BYTES = 16;

/** EncryptedPrivateKeyInfo of a PrivateKeyInfo, under a fresh salt and nonce. */
export function sealPbes2(secrets: Secrets, plain: View, sealing: Pbes2Sealing): SecretBuffer {
  const { passphrase, cost } = sealing;
  const { cipher, name } = cipherOf(sealing.cipher);
  const derivation: Derivation =
    sealing.derivation === "scrypt"
      ? { name: "scrypt", N: cost, r: 8, p: 1 }
      : { name: "pbkdf2", hash: SHA256, iterations: cost };
  const fresh = freshOf(secrets);
  const [salt, vector] = [new Uint8Array(SALT_BYTES), new Uint8Array(cipher.vectorBytes)];
  fresh.fill(salt);
  fresh.fill(vector);
  const padding = cipher.tagBytes > 0 ? 0 : cipher.blockBytes - (plain.length % cipher.blockBytes);
  const length = plain.length + padding;
  const room = roomFor(derivation, length) + roundUp(length + cipher.tagBytes) + CIPHER_ROOM;
  return withWorkspace(secrets, room, (space) => {
    const source = space.bytes(length);
    source.set(plain);
    source.fill(padding, plain.length);
    const encrypted = space.bytes(length + cipher.tagBytes);
    const [target, tag] = [within(encrypted, 0, length), within(encrypted, length)];
    const key = deriveKey(derivation, passphrase, salt, cipher.keyBytes, space);
    cipher.seal({ key, vector, source, target, tag, space });
    const element = derSequence(
      derSequence(
        oid(PBES2),
        derSequence(derivationOf(derivation, salt), schemeOf(name, vector, cipher)),
      ),
      der(OCTET_STRING, encrypted),
    );
    return born(secrets, derLength(element), (bytes) => writeDer(element, bytes));
  });
}

type CipherName = (typeof AES)[number];

function cipherOf(wanted: Pbes2Sealing["cipher"]): {
  readonly cipher: FileCipher;
  readonly name: CipherName;
} {
  const bits = wanted === "aes-128-cbc" ? 128 : 256;
  const mode = wanted === "aes-256-gcm" ? "gcm" : "cbc";
  const name = AES.find((known) => known.bits === bits && known.mode === mode) as CipherName;
  return { cipher: mode === "gcm" ? gcm(bits) : cbc(bits), name };
}

function derivationOf(derivation: Derivation, salt: Piece): Der {
  const salted = der(OCTET_STRING, salt);
  if (derivation.name === "scrypt") {
    const { N, r, p } = derivation;
    return derSequence(oid(SCRYPT), derSequence(salted, number(N), number(r), number(p)));
  }
  const { hash, iterations } = derivation;
  const known = HMAC.find((candidate) => candidate.hash === hash)?.oid ?? [];
  const prf = derSequence(oid(known), der(NULL, []));
  return derSequence(oid(PBKDF2), derSequence(salted, number(iterations), prf));
}

function schemeOf({ oid: name, mode }: CipherName, vector: Piece, { tagBytes }: FileCipher): Der {
  const nonce = der(OCTET_STRING, vector);
  return derSequence(oid(name), mode === "cbc" ? nonce : derSequence(nonce, number(tagBytes)));
}

function oid(content: readonly number[]): Der {
  return der(OBJECT_IDENTIFIER, content);
}

function number(value: number): Der {
  return derUnsigned(trimmed(Uint8Array.from(u32(value))));
}
