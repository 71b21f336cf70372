import type { Land } from "../../core/contract/key_wrapper.ts";
import { enginesOfSecrets } from "../../core/engines.ts";
import { freshOf } from "../../core/fresh.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { ascii } from "../../core/sealed_key_mark.ts";
import { born } from "../crypto/lend.ts";
import { joined, type View, within } from "../envelopes/bytes.ts";
import {
  BODY_BYTES,
  type EnvelopeContext,
  freshSecret,
  openFileKey,
  sealFileKey,
  useUp,
  withWrapKey,
} from "../envelopes/context.ts";
import { agreeByPoint } from "../keys/agreement.ts";
import { POINT_ROOM, publicPoint } from "../keys/primitives/nist_point.ts";
import { withWorkspace } from "../keys/primitives/workspace.ts";
import {
  CKA_CLASS,
  CKA_EXTRACTABLE,
  CKA_KEY_TYPE,
  CKA_SENSITIVE,
  CKA_TOKEN,
  CKA_VALUE,
  CKA_VALUE_LEN,
  CKD_NULL,
  CKK_GENERIC_SECRET,
  CKM_ECDH1_DERIVE,
  CKO_SECRET_KEY,
} from "./cryptoki.ts";
import type { Pkcs11Module } from "./module.ts";
import { failed, VERB } from "./pkcs11_error.ts";

/** A point of P-256, not compressed. */
export const POINT_BYTES = 65;
/** Of a coordinate. */
export const SHARED_BYTES = 32;
const INFO = joined(ascii("lethe/pkcs11 ecdh-p256"));

/** The body of a stanza: the point of a key of one use, and the file key under what both agree on. */
export const ECDH_BODY_BYTES: number = POINT_BYTES + BODY_BYTES;

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` without an engine for it */
export function ecdhContext(secrets: Secrets): EnvelopeContext {
  const operations = ["chacha20-poly1305", "hmac-sha256"] as const;
  const { engine } = enginesOfSecrets(secrets).choose({
    verb: VERB,
    operations,
    passed: "secrets",
  });
  const land: Land = (byteLength, fill) => born(secrets, byteLength, fill);
  return { secrets, engine, fresh: freshOf(secrets), land };
}

/** Needs the public point alone: no token is asked. @returns the body of a stanza */
export function sealByPoint(context: EnvelopeContext, point: View, fileKey: SecretBuffer): View {
  for (;;) {
    const body = useUp(freshSecret(context, fileKey), (scalar) => {
      const share = shareOf(context.secrets, scalar);
      if (share === null) return null; // one of 2^32 is no scalar
      const shared = born(context.secrets, SHARED_BYTES, (target) =>
        scalar.expose((bytes) =>
          agreeByPoint(context.secrets, "p256", bytes as View, point, target),
        ),
      );
      const sealed = withWrapKey(
        context,
        shared,
        { salt: joined(share, point), info: INFO },
        (wrapKey) => sealFileKey(context, wrapKey, fileKey),
      );
      return joined(share, sealed);
    });
    if (body !== null) return body;
  }
}

/** @param shared what the token agreed on, which is destroyed. @returns null where it is not authentic */
export function openByShared(
  context: EnvelopeContext,
  shared: SecretBuffer,
  point: View,
  body: View,
  land: Land,
): SecretBuffer | null {
  const share = within(body, 0, POINT_BYTES);
  return withWrapKey(context, shared, { salt: joined(share, point), info: INFO }, (wrapKey) =>
    openFileKey(context, wrapKey, within(body, POINT_BYTES), land),
  );
}

function shareOf(secrets: Secrets, scalar: SecretBuffer): View | null {
  const share = new Uint8Array(new ArrayBuffer(POINT_BYTES));
  const isScalar = withWorkspace(secrets, POINT_ROOM, (space) =>
    scalar.expose((bytes) => publicPoint("p256", bytes as View, share, space)),
  );
  return isScalar ? share : null;
}

/**
 * Has the token agree with the owner of a point, and puts the result into a page of secret memory: the module gets the address of that
 * page. The object that holds it in the session is destroyed.
 *
 * @param page of 32 bytes, open for writing
 * @throws {Pkcs11Error}
 */
export function agreeOnToken(
  module: Pkcs11Module,
  session: bigint,
  privateKey: bigint | null,
  share: View,
  page: View,
): void {
  if (privateKey === null) {
    throw failed("the token shows no private key without a login; pass pin, to open with it");
  }
  const { scratch } = module;
  scratch.frame(() => {
    const parameters = scratch.words(
      ...[CKD_NULL, 0n, 0n],
      ...[BigInt(POINT_BYTES), scratch.copy(share).address],
    );
    const mechanism = scratch.words(CKM_ECDH1_DERIVE, parameters.address, 40n);
    const [yes, no] = [Uint8Array.of(1), Uint8Array.of(0)];
    const template = (
      [
        [CKA_CLASS, word(CKO_SECRET_KEY)],
        [CKA_KEY_TYPE, word(CKK_GENERIC_SECRET)],
        [CKA_VALUE_LEN, word(BigInt(SHARED_BYTES))],
        [CKA_TOKEN, no],
        [CKA_SENSITIVE, no],
        [CKA_EXTRACTABLE, yes],
      ] as const
    ).flatMap(([type, value]) => [type, scratch.copy(value).address, BigInt(value.length)]);
    const [list, handle] = [scratch.words(...template), scratch.reserve(8)];
    const count = BigInt(template.length / 3);
    const { address } = mechanism;
    module.call("C_DeriveKey", session, address, privateKey, list.address, count, handle.address);
    try {
      const size = BigInt(SHARED_BYTES);
      const value = scratch.words(CKA_VALUE, scratch.addressOf(page), size);
      module.call("C_GetAttributeValue", session, handle.word(), value.address, 1n);
      if (value.word(2) !== size) {
        throw failed("the module gives a shared secret of a wrong length; use another module");
      }
    } finally {
      module.ask("C_DestroyObject", session, handle.word()); // it ends with the session as well
    }
  });
}

function word(value: bigint): Uint8Array {
  return new Uint8Array(new BigUint64Array([value]).buffer);
}
