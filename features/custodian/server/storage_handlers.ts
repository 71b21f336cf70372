import { outOfRange, wrongType } from "../../../core/arguments/argument_error.ts";
import { LetheError, offHeapBytes, type SecretBuffer } from "../../../core/mod.ts";
import type { Fields } from "../protocol/fields.ts";
import { MAX_SECRET } from "../protocol/limits.ts";
import { ANY_TYPE, type SecretType } from "../vault/entry.ts";
import type { Policy } from "../vault/policy.ts";
import { able } from "./able.ts";
import { type Handler, type HandlerContext, need, type Request } from "./handler_context.ts";
import { checkKey } from "./key_pairs.ts";

/** Operations that bring secrets in, out, and to their end. */

export const put: Handler = (context, { fields, arrival, reply }) => {
  const { vault } = context;
  const { byteLength, openInto } = need(arrival ?? undefined);
  const type = ANY_TYPE.find((known) => known === fields.type) ?? "key";
  checkPlace(fields, type);
  vault.add(need(fields.name), type, policyOf(fields), byteLength, (bytes) => {
    openInto(bytes);
    checkKey(context, type, bytes);
  });
  reply({});
};

/** The one operation that waits for a person: meanwhile the others go on. */
export const prompt: Handler = async (context, { fields, reply }) => {
  const { vault } = context;
  const name = need(fields.name);
  vault.assertFree(name);
  const typed = await ask(context, fields);
  try {
    typed.expose((source) =>
      vault.add(name, "password", policyOf(fields), source.length, (bytes) => bytes.set(source)),
    );
  } finally {
    typed.destroy();
  }
  reply({});
};

async function ask(
  { secrets, prompt, prompts }: HandlerContext,
  fields: Fields,
): Promise<SecretBuffer> {
  const { byteLength: maxBytes, mask, descriptor, isNew } = fields;
  const controller = new AbortController();
  prompts.add(controller);
  try {
    return await prompt(secrets, need(fields.text), {
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(mask === undefined ? {} : { mask }),
      ...(descriptor === undefined ? {} : { descriptor }),
      ...(isNew === undefined ? {} : { isNew }),
      signal: controller.signal,
    });
  } finally {
    prompts.delete(controller);
  }
}

/** Ends the prompts that wait: something in the application reads what is typed. */
export const withdraw: Handler = ({ prompts }, { reply }) => {
  const reason = new LetheError(
    "ERR_LETHE_PROMPT_CANCELLED",
    "Cannot prompt for secret: the application withdrew it",
  );
  for (const controller of prompts) controller.abort(reason);
  reply({});
};

export const generate: Handler = (context, request) => {
  const { type } = request.fields;
  if (type === "ed25519" || type === "x25519") return generateKeyPair(context, request, type);
  const { byteLength = 32, name } = request.fields;
  if (!Number.isInteger(byteLength) || byteLength < 1 || byteLength > MAX_SECRET) {
    throw outOfRange(`Cannot generate key as it must have from 1 to ${MAX_SECRET} bytes`);
  }
  addRandom(context, byteLength, (random) =>
    context.vault.add(need(name), "key", policyOf(request.fields), byteLength, (bytes) =>
      bytes.set(random),
    ),
  );
  request.reply({});
};

function generateKeyPair(
  context: HandlerContext,
  { fields, reply }: Request,
  type: "ed25519" | "x25519",
): void {
  const publicKey = offHeapBytes(32);
  const { vault, engine } = context;
  able(context, type, "generate");
  checkPlace(fields, type);
  addRandom(context, 32, (random) =>
    vault.add(
      need(fields.name),
      type,
      policyOf(fields),
      type === "ed25519" ? 64 : 32,
      (secretKey) => {
        if (type === "ed25519") {
          engine.signKeyPair(publicKey, secretKey, random);
        } else {
          secretKey.set(random);
          engine.agreePublicKey(publicKey, secretKey);
        }
      },
    ),
  );
  reply({ data: publicKey });
}

function addRandom(
  { secrets }: HandlerContext,
  byteLength: number,
  use: (bytes: Uint8Array) => void,
): void {
  const random = secrets.random(byteLength);
  try {
    random.expose(use);
  } finally {
    random.destroy();
  }
}

export const expose: Handler = ({ vault }, { fields, reply }) => {
  vault.use(need(fields.name), ANY_TYPE, "leave", (bytes) => reply({}, bytes));
};

export const remove: Handler = ({ vault }, { fields, reply }) => {
  vault.delete(need(fields.name));
  reply({});
};

/** @throws {TypeError} for what is not a key pair, or may leave, and is to be in the secure heap */
function checkPlace({ place, mayLeave }: Fields, type: SecretType): void {
  if (place !== "secure heap") return;
  if (type !== "password" && type !== "key" && mayLeave !== true) return;
  throw wrongType("Cannot add secret as the secure heap takes only key pairs that may not leave");
}

export function policyOf({
  mayLeave = false,
  uses = Infinity,
  expires = Infinity,
  place,
}: Fields): Policy {
  if (uses !== Infinity && (!Number.isSafeInteger(uses) || uses < 1)) {
    throw outOfRange("Cannot set policy as uses must be an integer of 1 or more");
  }
  return { mayLeave, uses, expires, place: place === "secure heap" ? place : "vault" };
}
