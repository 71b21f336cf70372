import { outOfRange } from "../../../core/arguments/argument_error.ts";
import { KEY_BYTES } from "../../../core/contract/sizes.ts";
import { lowOrder } from "../../crypto/check_key.ts";
import { agreeByPoint, peerPoint, sharedLength } from "../../keys/agreement.ts";
import { copyOf } from "../../keys/bytes.ts";
import { opensslPublicForm } from "../../keys/openssl_form.ts";
import type { NistCurve } from "../../keys/primitives/curve_constants.ts";
import type { SecretType } from "../vault/entry.ts";
import type { HeapKeyPair } from "../vault/heap_key_pair.ts";
import { AGREEING_TYPES, type AgreeingType } from "../vault/key_pair_types.ts";
import { able } from "./able.ts";
import { type Handler, type HandlerContext, need } from "./handler_context.ts";
import { policyOf } from "./storage_handlers.ts";

/** X25519 or ECDH with the public key of another party: a new key that stays in the custodian. */
export const agree: Handler = (context, { fields, reply }) => {
  const { vault } = context;
  const [as, publicKey] = [need(fields.other), need(fields.data)];
  vault.assertFree(as);
  const agreeInto = (type: SecretType, fill: (shared: Uint8Array<ArrayBuffer>) => void): void => {
    const byteLength = type === "x25519" ? KEY_BYTES : sharedLength(type as NistCurve);
    vault.add(as, "key", policyOf(fields), byteLength, fill);
  };
  vault.use(
    need(fields.name),
    AGREEING_TYPES,
    "stay",
    (secretKey, type) =>
      agreeInto(type, (shared) =>
        agreeWith(context, type as AgreeingType, secretKey, publicKey, shared),
      ),
    (pair) => agreeInto(pair.type, (shared) => agreeInHeap(pair, publicKey, shared)),
  );
  reply({});
};

function agreeWith(
  context: HandlerContext,
  type: AgreeingType,
  secretKey: Uint8Array<ArrayBuffer>,
  publicKey: Uint8Array,
  shared: Uint8Array<ArrayBuffer>,
): void {
  if (type !== "x25519") {
    agreeByPoint(context.secrets, type, secretKey, publicKey, shared);
    return;
  }
  able(context, "x25519", "agree");
  checkLength(publicKey);
  if (!context.engine.agree(shared, secretKey, publicKey)) throw lowOrder("agree");
}

/** The same by OpenSSL. */
function agreeInHeap(pair: HeapKeyPair, publicKey: Uint8Array, shared: Uint8Array): void {
  const type = pair.type as AgreeingType;
  if (type === "x25519") checkLength(publicKey);
  const point = type === "x25519" ? copyOf(publicKey) : peerPoint(type, publicKey);
  if (!pair.agree(opensslPublicForm(type, point), shared)) throw lowOrder("agree");
}

function checkLength(publicKey: Uint8Array): void {
  if (publicKey.length === KEY_BYTES) return;
  throw outOfRange(`Cannot agree as publicKey of an x25519 key must have ${KEY_BYTES} bytes`);
}
