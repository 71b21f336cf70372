import { outOfRange } from "../../../core/arguments/argument_error.ts";
import { laterTurn } from "../../../core/globals.ts";
import { equalBytes, offHeapBytes, type SecretBuffer } from "../../../core/mod.ts";
import { freshOf } from "../../../core/random.ts";
import type { Fields } from "../protocol/fields.ts";
import { type Desk, type Handler, need } from "./desk.ts";
import { able } from "./using.ts";

/** Argon2id (RFC 9106) of a password that stays in the custodian. Each blocks it for its whole time. */

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** The most that the application can ask for. */
const MOST_PASSES = 16;
const MOST_MEMORY = 2 ** 28;

export const hashPassword: Handler = async (desk, { fields, reply }) => {
  const salt = offHeapBytes(SALT_BYTES);
  freshOf(desk.secrets).fill(salt);
  reply({ salt, data: await hash(desk, fields, salt) });
};

export const verifyPassword: Handler = async (desk, { fields, reply }) => {
  const wanted = need(fields.data);
  const salt = need(fields.salt);
  if (salt.length !== SALT_BYTES || wanted.length !== HASH_BYTES) {
    throw outOfRange(
      `Cannot verify password as its salt must have ${SALT_BYTES} and its hash ${HASH_BYTES} bytes`,
    );
  }
  const found = await hash(desk, fields, salt);
  reply({ holds: equalBytes(found, wanted) });
};

async function hash(desk: Desk, fields: Fields, salt: Uint8Array): Promise<Uint8Array> {
  const [passes, memoryBytes] = [need(fields.passes), need(fields.memoryBytes)];
  if (!Number.isInteger(passes) || passes < 1 || passes > MOST_PASSES) {
    throw outOfRange(`Cannot hash password as passes must be from 1 to ${MOST_PASSES}`);
  }
  if (memoryBytes % 1024 !== 0 || memoryBytes < 8192 || memoryBytes > MOST_MEMORY) {
    throw outOfRange(
      `Cannot hash password as memoryBytes must be a multiple of 1024 from 8192 to ${MOST_MEMORY}`,
    );
  }
  able(desk, "argon2id", "hash");
  // Not in the turn of the request, nor on the vault's page: every key would be open meanwhile.
  await laterTurn();
  const password = desk.vault.use(need(fields.name), ["password", "key"], "stay", (bytes) =>
    copyOf(bytes, desk),
  );
  try {
    const result = offHeapBytes(HASH_BYTES);
    password.expose((bytes) => desk.engine.argon2id(result, bytes, salt, passes, memoryBytes));
    return result;
  } finally {
    password.destroy();
  }
}

function copyOf(bytes: Uint8Array, { secrets }: Desk): SecretBuffer {
  const copy = secrets.allocate(bytes.length);
  try {
    copy.modify((place) => place.set(bytes));
    return copy;
  } catch (error) {
    copy.destroy();
    throw error;
  }
}
