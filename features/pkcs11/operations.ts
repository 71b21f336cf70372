import { bare } from "../../core/arguments/own.ts";
import { FILE_KEY_BYTES } from "../../core/contract/key_wrapper.ts";
import { fillRandom } from "../../core/globals.ts";
import { ascii } from "../../core/sealed_key_mark.ts";
import { joined, type View, within } from "../envelopes/bytes.ts";
import {
  CKF_DECRYPT,
  CKF_DERIVE,
  CKF_ENCRYPT,
  CKG_MGF1_SHA1,
  CKG_MGF1_SHA256,
  CKM_AES_GCM,
  CKM_ECDH1_DERIVE,
  CKM_RSA_PKCS_OAEP,
  CKM_SHA_1,
  CKM_SHA256,
  CKZ_DATA_SPECIFIED,
  MECHANISM_INFO,
} from "./cryptoki.ts";
import { ECDH_BODY_BYTES } from "./ecdh.ts";
import type { FoundKey } from "./key.ts";
import type { Pkcs11Module } from "./module.ts";
import { failed, refused } from "./pkcs11_error.ts";
import type { OaepHash } from "./types.ts";

/** How a file key is encrypted, as a stanza names it. */
export type Algorithm = EncryptingAlgorithm | "ecdh-p256";

/** What a token does whole: it encrypts and decrypts. */
export type EncryptingAlgorithm = "rsa-oaep-sha256" | "rsa-oaep-sha1" | "aes-gcm";

type EncryptingKey = Exclude<FoundKey, { readonly kind: "ec" }>;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Bound to what AES-GCM encrypts, so that no other use of the key passes for this one. */
const AES_CONTEXT = joined(ascii("lethe/pkcs11 aes-gcm"));

export function algorithmOf(key: FoundKey, hash: OaepHash): Algorithm {
  if (key.kind === "ec") return "ecdh-p256";
  return key.kind === "aes" ? "aes-gcm" : `rsa-oaep-${hash}`;
}

/** Bytes of the body of a stanza; a module wants no more than that to decrypt into. */
export function bodyBytes(key: FoundKey): number {
  if (key.kind === "ec") return ECDH_BODY_BYTES;
  return key.kind === "aes" ? NONCE_BYTES + FILE_KEY_BYTES + TAG_BYTES : key.modulus.length;
}

/** @returns the body of a stanza. @throws {Pkcs11Error} */
export function encrypt(
  module: Pkcs11Module,
  session: bigint,
  key: EncryptingKey,
  algorithm: EncryptingAlgorithm,
  fileKey: View,
): View {
  const handle = key.kind === "aes" ? key.secretKey : key.publicKey;
  if (handle === null) {
    throw failed(
      "the token has no public key beside the private one; store it there, to seal to it",
    );
  }
  const nonce =
    key.kind === "aes" ? fillRandom(new Uint8Array(new ArrayBuffer(NONCE_BYTES))) : NOTHING;
  const body = new Uint8Array(new ArrayBuffer(bodyBytes(key)));
  body.set(nonce);
  const target = within(body, nonce.length);
  module.scratch.frame(() => {
    start(module, session, "C_EncryptInit", algorithm, nonce, handle);
    const length = module.scratch.words(BigInt(target.length));
    const size = BigInt(fileKey.length);
    module.call("C_Encrypt", session, fileKey, size, target, length.address);
    if (length.word() !== BigInt(target.length)) {
      throw failed("the module gives a ciphertext of a wrong length; use another module");
    }
  });
  return body;
}

/**
 * Decrypts into `target`, by the address of its page.
 *
 * @returns how many bytes; null when it is not authentic
 * @throws {Pkcs11Error}
 */
export function decrypt(
  module: Pkcs11Module,
  session: bigint,
  key: EncryptingKey,
  algorithm: EncryptingAlgorithm,
  body: View,
  target: View,
): number | null {
  const handle = key.kind === "aes" ? key.secretKey : key.privateKey;
  if (handle === null) {
    throw failed("the token shows no private key without a login; pass pin, to open with it");
  }
  const nonce = key.kind === "aes" ? within(body, 0, NONCE_BYTES) : NOTHING;
  const sealed = within(body, nonce.length);
  return module.scratch.frame(() => {
    start(module, session, "C_DecryptInit", algorithm, nonce, handle);
    const length = module.scratch.words(BigInt(target.length));
    const size = BigInt(sealed.length);
    const returned = module.ask("C_Decrypt", session, sealed, size, target, length.address);
    if (NOT_AUTHENTIC.has(returned)) return null;
    if (returned !== "CKR_OK") throw refused("C_Decrypt", returned);
    return Number(length.word());
  });
}

/** Of other bytes than those that the key encrypted. SoftHSM gives CKR_GENERAL_ERROR, which may be anything: that is an error. */
const NOT_AUTHENTIC: ReadonlySet<string> = new Set([
  "CKR_ENCRYPTED_DATA_INVALID",
  "CKR_ENCRYPTED_DATA_LEN_RANGE",
  "CKR_AEAD_DECRYPT_FAILED",
]);
const NOTHING: View = new Uint8Array(new ArrayBuffer(0));

/** Within a frame: the module may keep the addresses until the operation ends. */
function start(
  module: Pkcs11Module,
  session: bigint,
  name: "C_EncryptInit" | "C_DecryptInit",
  algorithm: EncryptingAlgorithm,
  nonce: View,
  handle: bigint,
): void {
  const { scratch } = module;
  const [type, parameters] =
    algorithm === "aes-gcm"
      ? ([
          CKM_AES_GCM,
          scratch.words(
            ...[scratch.copy(nonce).address, BigInt(NONCE_BYTES), BigInt(NONCE_BYTES * 8)],
            ...[
              scratch.copy(AES_CONTEXT).address,
              BigInt(AES_CONTEXT.length),
              BigInt(TAG_BYTES * 8),
            ],
          ),
        ] as const)
      : ([
          CKM_RSA_PKCS_OAEP,
          scratch.words(...HASHES[algorithm], CKZ_DATA_SPECIFIED, 0n, 0n),
        ] as const);
  const mechanism = scratch.words(type, parameters.address, BigInt(parameters.bytes.length));
  module.call(name, session, mechanism.address, handle);
}

const HASHES: Readonly<
  Record<Exclude<EncryptingAlgorithm, "aes-gcm">, readonly [hash: bigint, mgf: bigint]>
> = bare({
  "rsa-oaep-sha256": [CKM_SHA256, CKG_MGF1_SHA256],
  "rsa-oaep-sha1": [CKM_SHA_1, CKG_MGF1_SHA1],
});

/** @throws {Pkcs11Error} unless the token offers what is needed to open: some offer to encrypt alone */
export function checkOffered(module: Pkcs11Module, slot: bigint, key: FoundKey): void {
  const [type, name, wanted, does] = OFFERED[key.kind];
  module.scratch.frame(() => {
    const info = module.scratch.reserve(MECHANISM_INFO.bytes);
    const returned = module.ask("C_GetMechanismInfo", slot, type, info.address);
    if (returned !== "CKR_OK") throw refused(`C_GetMechanismInfo of ${name}`, returned);
    if ((info.word(MECHANISM_INFO.flags) & wanted) === wanted) return;
    throw failed(`the token does not offer ${name} to ${does}; use a key of another type`);
  });
}

const ENCRYPTS = [CKF_ENCRYPT | CKF_DECRYPT, "encrypt and decrypt"] as const;
const OFFERED = {
  rsa: [CKM_RSA_PKCS_OAEP, "CKM_RSA_PKCS_OAEP", ...ENCRYPTS],
  aes: [CKM_AES_GCM, "CKM_AES_GCM", ...ENCRYPTS],
  ec: [CKM_ECDH1_DERIVE, "CKM_ECDH1_DERIVE", CKF_DERIVE, "derive"],
} as const;
