import { outOfRange } from "../../../core/arguments/argument_error.ts";
import { PASSWORD_SALT_BYTES } from "../../../core/contract/sizes.ts";
import { freshOf } from "../../../core/fresh.ts";
import { laterTurn } from "../../../core/globals.ts";
import { equalBytes, offHeapBytes, type SecretBuffer, wipeBytes } from "../../../core/mod.ts";
import { checkCost } from "../../crypto/argon2_cost.ts";
import { MOST_VERIFY_COST, PASSWORD_HASH_BYTES } from "../../crypto/password_hash.ts";
import type { Fields } from "../protocol/fields.ts";
import { able } from "./able.ts";
import { type Handler, type HandlerContext, need } from "./handler_context.ts";

/** Argon2id (RFC 9106) of a password that stays in the custodian. Each blocks it for its whole time. */

export const hashPassword: Handler = async (context, { fields, reply }) => {
  const salt = offHeapBytes(PASSWORD_SALT_BYTES);
  freshOf(context.secrets).fill(salt);
  reply({ salt, data: await hash(context, fields, salt, PASSWORD_HASH_BYTES) });
};

export const verifyPassword: Handler = async (context, { fields, reply }) => {
  const wanted = need(fields.data);
  const salt = need(fields.salt);
  if (salt.length !== PASSWORD_SALT_BYTES || wanted.length < 16 || wanted.length > 64) {
    throw outOfRange(
      "Cannot verify password as the stored hash must have a salt of 16 bytes and 16 to 64 bytes of hash",
    );
  }
  // Of a password that is wrong it is the hash all the same, which others could try guesses at.
  const found = await hash(context, fields, salt, wanted.length);
  try {
    reply({ holds: equalBytes(found, wanted) });
  } finally {
    wipeBytes(found);
  }
};

async function hash(
  context: HandlerContext,
  fields: Fields,
  salt: Uint8Array,
  byteLength: number,
): Promise<Uint8Array> {
  const asked = { passes: need(fields.passes), memoryBytes: need(fields.memoryBytes) };
  const { passes, memoryBytes } = checkCost(asked, "hash password", MOST_VERIFY_COST);
  able(context, "argon2id", "hash");
  // Not in the turn of the request, nor on the vault's page: every key would be open meanwhile.
  await laterTurn();
  const password = context.vault.use(need(fields.name), ["password", "key"], "stay", (bytes) =>
    copyOf(bytes, context),
  );
  try {
    const result = offHeapBytes(byteLength);
    password.expose((bytes) => context.engine.argon2id(result, bytes, salt, passes, memoryBytes));
    return result;
  } finally {
    password.destroy();
  }
}

function copyOf(bytes: Uint8Array, { secrets }: HandlerContext): SecretBuffer {
  const copy = secrets.allocate(bytes.length);
  try {
    copy.modify((place) => place.set(bytes));
    return copy;
  } catch (error) {
    copy.destroy();
    throw error;
  }
}
