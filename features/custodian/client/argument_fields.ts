import { wrongType } from "../../../core/arguments/argument_error.ts";
import { readOptions } from "../../../core/arguments/options.ts";
import { NONCE_BYTES, TAG_BYTES } from "../../../core/contract/sizes.ts";
import { isSecretBuffer } from "../../../core/mod.ts";
import type { AeadOptions, HashName, HmacOptions } from "../../crypto/options.ts";
import type { Fields } from "../protocol/fields.ts";
import { MAX_DATA } from "../protocol/limits.ts";
import { checkSignChoice, RSA_HASHES, RSA_PADDINGS } from "../vault/key_pair_types.ts";
import { POLICY } from "../vault/policy.ts";
import { checkData, checkFlag, checkNumber, checkText, naming, policyFields } from "./checks.ts";
import type { CustodianPrompt, DecryptOptions, SignOptions } from "./custodian_options.ts";

/** Options of calls as fields of a request: each throws a `TypeError` or `RangeError` that names what is wrong. */

/** @returns also where the line is read */
export function promptFields(
  name: string,
  text: string,
  options: CustodianPrompt | undefined,
): { readonly from: NonNullable<CustodianPrompt["from"]>; readonly fields: Fields } {
  checkText(text, "text");
  const own = readOptions(options, "prompt for secret", [...POLICY, ...PROMPT]);
  const { maxBytes, mask, from = "terminal", isNew } = own;
  const descriptor = DESCRIPTORS.get(from);
  if (!DESCRIPTORS.has(from)) {
    throw wrongType('Cannot ask custodian as from must be "terminal", "stdin" or "input"');
  }
  const fields = {
    ...naming(name),
    ...policyFields(own),
    text,
    ...(maxBytes === undefined ? {} : { byteLength: checkNumber(maxBytes, "maxBytes") }),
    ...(mask === undefined ? {} : { mask: checkText(mask, "mask") }),
    ...(descriptor === undefined ? {} : { descriptor }),
    ...(isNew === undefined ? {} : { isNew: checkFlag(isNew, "isNew") }),
  };
  return { from, fields };
}

const PROMPT = ["maxBytes", "mask", "from", "isNew"] as const;

/** Where the custodian's program finds what a prompt reads. */
const DESCRIPTORS: ReadonlyMap<string, number | undefined> = new Map([
  ["terminal", undefined],
  ["stdin", 0],
  ["input", 4],
]);

export function signFields(name: string, options: SignOptions | undefined): Fields {
  const own = readOptions(options, "sign", ["hash", "padding"]);
  const hash = checkSignChoice(own.hash, "hash", RSA_HASHES);
  const padding = checkSignChoice(own.padding, "padding", RSA_PADDINGS);
  return {
    ...naming(name),
    ...(hash === undefined ? {} : { hash }),
    ...(padding === undefined ? {} : { padding }),
  };
}

export function readHash(options: HmacOptions | undefined): HashName {
  const { hash = "sha256" } = readOptions(options, "authenticate", ["hash"]);
  if (hash === "sha256" || hash === "sha512") return hash;
  throw wrongType('Cannot authenticate as hash must be "sha256" or "sha512"');
}

/** Longer ones than any HMAC are sent as 65 bytes, which none has either. */
export function readTag(tag: Uint8Array): Uint8Array {
  return checkData(tag, "tag").subarray(0, 65);
}

export function readAdditional(options: AeadOptions | undefined, verb: string): Uint8Array {
  const { additional = NOTHING } = readOptions(options, verb, ["additional"]);
  if (isSecretBuffer(additional)) {
    throw wrongType(`Cannot ${verb} as additional must be public: it is a SecretBuffer`);
  }
  return checkData(additional, "additional");
}

const NOTHING = new Uint8Array(0);

/** What `decrypt` and `isAuthentic` send. */
export function decryptFields(
  name: string,
  encrypted: Uint8Array,
  options: DecryptOptions | undefined,
): Fields {
  const { additional, hash } = readOptions(options, "decrypt", ["additional", "hash"]);
  if (hash !== undefined && !RSA_HASHES.includes(hash)) {
    throw wrongType(`Cannot decrypt as hash must be one of ${RSA_HASHES.join(", ")}`);
  }
  const own = additional === undefined ? {} : { additional };
  const fields = encryptedFields(name, encrypted, own, "decrypt");
  return hash === undefined ? fields : { ...fields, hash };
}

export function encryptedFields(
  name: string,
  encrypted: Uint8Array,
  options: AeadOptions | undefined,
  verb: string,
): Fields {
  const additional = readAdditional(options, verb);
  return { ...naming(name), data: checkData(encrypted, "encrypted", MOST_ENCRYPTED), additional };
}

/** A message, and what encryption adds. */
const MOST_ENCRYPTED: number = MAX_DATA + NONCE_BYTES + TAG_BYTES;
