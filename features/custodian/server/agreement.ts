import { outOfRange } from "../../../core/arguments/argument_error.ts";
import { KEY_BYTES } from "../../../core/contract/sizes.ts";
import { lowOrder } from "../../crypto/check_key.ts";
import { agreeByPoint, sharedLength } from "../../keys/agreement.ts";
import { AGREEING_TYPES, type AgreeingType } from "../vault/key_pair_types.ts";
import { able } from "./able.ts";
import { type Handler, type HandlerContext, need } from "./handler_context.ts";
import { policyOf } from "./storage_handlers.ts";

/** X25519 or ECDH with the public key of another party: a new key that stays in the custodian. */
export const agree: Handler = (context, { fields, reply }) => {
  const { vault } = context;
  const [as, publicKey] = [need(fields.other), need(fields.data)];
  vault.assertFree(as);
  vault.use(need(fields.name), AGREEING_TYPES, "stay", (secretKey, type) => {
    const own = type as AgreeingType;
    const byteLength = own === "x25519" ? KEY_BYTES : sharedLength(own);
    vault.add(as, "key", policyOf(fields), byteLength, (shared) =>
      agreeWith(context, own, secretKey, publicKey, shared),
    );
  });
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
  if (publicKey.length !== KEY_BYTES) {
    throw outOfRange(`Cannot agree as publicKey of an x25519 key must have ${KEY_BYTES} bytes`);
  }
  if (!context.engine.agree(shared, secretKey, publicKey)) throw lowOrder("agree");
}
