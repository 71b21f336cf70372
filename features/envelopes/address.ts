import { outOfRange, wrongType } from "../../core/arguments/argument_error.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { optional } from "../../core/arguments/own.ts";
import { equalBytes } from "../../core/bytes.ts";
import { checkLive } from "../../core/check_live.ts";
import { checkOpen } from "../../core/check_open.ts";
import { LetheError } from "../../core/contract/errors.ts";
import {
  FILE_KEY_BYTES,
  type Identity,
  type Land,
  type Recipient,
  type Stanza,
} from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { isSecretBuffer } from "../../core/held_secret.ts";
import { ascii } from "../../core/sealed_key_mark.ts";
import { checkNotZero } from "../crypto/check_key.ts";
import { hkdf } from "../crypto/hkdf.ts";
import { lend } from "../crypto/lend.ts";
import { joined, type View } from "./bytes.ts";
import { type EnvelopeContext, useUp } from "./context.ts";
import { coveredBytes, formatHeader, type Header, MAC_BYTES, MOST_HEADER_BYTES } from "./header.ts";
import { noteUse } from "./key_use.ts";
import { checkAlone, SCRYPT } from "./passphrase.ts";
import { CONTEXT_TYPE, contextStanza } from "./public_context.ts";
import { forged } from "./refusal.ts";

/**
 * Writes the header of an envelope: the file key for each of the recipients.
 *
 * @param publicContext what is bound inside, or null
 */
export async function address(
  context: EnvelopeContext,
  fileKey: SecretBuffer,
  recipients: readonly Recipient[],
  publicContext: View | null,
): Promise<View> {
  checkTogether(recipients, publicContext);
  const stanzas: Stanza[] = [];
  for (const recipient of recipients) {
    checkLive(fileKey, "seal");
    const given = await noteUse(context.onUse, "wrap", recipient, () => recipient.wrap(fileKey));
    for (const stanza of checkStanzas(given, recipient)) stanzas.push(stanza);
  }
  checkLive(fileKey, "seal");
  checkOpen(context.secrets, "seal");
  if (publicContext !== null) stanzas.push(contextStanza(publicContext));
  const covered = coveredBytes(stanzas);
  checkLength(covered.length + MAC_LINE_BYTES);
  return formatHeader(covered, macOf(context, fileKey, covered));
}

/** @throws {RangeError} for a header that nobody here would open again */
function checkLength(byteLength: number): void {
  if (byteLength <= MOST_HEADER_BYTES) return;
  throw outOfRange(
    `Cannot seal as recipients must have room in a header of ${MOST_HEADER_BYTES} bytes: theirs has ${byteLength}; seal to fewer of them`,
  );
}

/** A space, the MAC as base64, and a line feed. */
const MAC_LINE_BYTES = 45;

/** @throws {TypeError} for a passphrase that would not be alone */
export function checkTogether(recipients: readonly Recipient[], publicContext: View | null): void {
  if (!recipients.some((recipient) => optional(recipient, "alone") === true)) return;
  if (recipients.length > 1) {
    throw wrongType(
      "Cannot seal to a passphrase and to other recipients: each of these could forge an envelope that seems to come from somebody who knows the passphrase; seal twice",
    );
  }
  if (publicContext !== null) {
    throw wrongType(
      "Cannot seal to a passphrase with a context: the format of age allows no other stanza beside it; leave the context out, or seal to a recipient",
    );
  }
}

/** What a wrapper of somebody else gives is checked before it is written. */
function checkStanzas(stanzas: readonly Stanza[], recipient: Recipient): readonly Stanza[] {
  const isGood = ({ args, body }: Stanza): boolean =>
    args.length > 0 &&
    args.every((argument) => typeof argument === "string" && /^[\x21-\x7e]+$/.test(argument)) &&
    body instanceof Uint8Array;
  if (Array.isArray(stanzas) && stanzas.length > 0 && stanzas.every(isGood)) {
    checkTypes(stanzas, optional(recipient, "alone") === true);
    return stanzas;
  }
  throw wrongType(
    `Cannot seal as wrap() of a recipient must give stanzas, with visible ASCII as arguments and a Uint8Array as body: it gave ${kindOf(stanzas)}`,
  );
}

/** @throws {TypeError} for stanzas with which no other recipient could open the envelope */
function checkTypes(stanzas: readonly Stanza[], isAlone: boolean): void {
  const types = new Set(stanzas.map(({ args }) => args[0]));
  if (types.has(CONTEXT_TYPE)) {
    throw wrongType(
      `Cannot seal as wrap() of a recipient must give no ${CONTEXT_TYPE} stanza, which only the option context makes; leave that recipient out, or correct it`,
    );
  }
  if (!types.has(SCRYPT) || (isAlone && stanzas.length === 1)) return;
  throw wrongType(
    `Cannot seal as wrap() of a recipient must give a ${SCRYPT} stanza only as its one stanza, with alone set to true: nobody could open the envelope; leave that recipient out, or correct it`,
  );
}

/**
 * The file key of an envelope, by the first identity that has it. The MAC of the header is then authentic.
 *
 * @throws {LetheError} `ERR_LETHE_ENVELOPE_ADDRESS`, `ERR_LETHE_FORGED`, and what a wrapper throws
 */
export async function unwrapFileKey(
  context: EnvelopeContext,
  { stanzas, covered, mac }: Header,
  identities: readonly Identity[],
): Promise<SecretBuffer> {
  checkAlone(stanzas);
  let failure: LetheError | null = null;
  const land: Land = (byteLength, fill) => {
    checkOpen(context.secrets, "open envelope");
    return context.land(byteLength, fill);
  };
  for (const identity of identities) {
    let fileKey: SecretBuffer | null;
    try {
      fileKey = await noteUse(context.onUse, "unwrap", identity, () =>
        identity.unwrap(stanzas, land),
      );
    } catch (error) {
      if (!(error instanceof LetheError) || error.code !== "ERR_LETHE_WRAPPER") throw error;
      failure ??= error; // a token that is not plugged in: another identity may do
      continue;
    }
    if (fileKey === null) continue;
    if (isSecretBuffer(fileKey)) checkLive(fileKey, "open envelope");
    checkOpen(context.secrets, "open envelope");
    checkFileKey(fileKey);
    checkFilled(fileKey);
    if (equalBytes(macOf(context, fileKey, covered), mac)) return fileKey;
    fileKey.destroy();
    throw forged("its header is not authentic");
  }
  throw failure ?? notAddressed(stanzas, identities);
}

function checkFileKey(fileKey: unknown): asserts fileKey is SecretBuffer {
  if (isSecretBuffer(fileKey) && fileKey.byteLength === FILE_KEY_BYTES) return;
  if (isSecretBuffer(fileKey)) fileKey.destroy();
  throw wrongType(
    `Cannot open envelope as unwrap() of an identity must give null or a SecretBuffer of ${FILE_KEY_BYTES} bytes: it gave ${kindOf(fileKey)}`,
  );
}

/** A key that everybody knows: an envelope under it comes from nobody, and a wrapper that gives it is broken. */
function checkFilled(fileKey: SecretBuffer): void {
  try {
    fileKey.expose((bytes) => checkNotZero(bytes, "open envelope", "its file key"));
  } catch (error) {
    fileKey.destroy();
    throw error;
  }
}

/** Of types in a message, which whoever wrote the file chose. */
const MOST_TYPES = 8;
const MOST_CHARACTERS = 100;

function notAddressed(stanzas: readonly Stanza[], identities: readonly Identity[]): LetheError {
  const some = [...new Set(stanzas.map(({ args }) => args[0]))].slice(0, MOST_TYPES);
  const types = some.map((type) => type.slice(0, MOST_CHARACTERS)).join(", ");
  return new LetheError(
    "ERR_LETHE_ENVELOPE_ADDRESS",
    `Cannot open envelope: none of the ${identities.length} identities is one of its recipients, or its passphrase is another; it has stanzas of ${types}; pass the identity that it was sealed to`,
  );
}

const INFO = joined(ascii("header"));

/** Public. */
function macOf({ engine, secrets }: EnvelopeContext, fileKey: SecretBuffer, covered: View): View {
  const mac = new Uint8Array(new ArrayBuffer(MAC_BYTES));
  const options = { salt: new Uint8Array(0), info: INFO };
  useUp(hkdf(engine, secrets, "sha256", fileKey, options), (key) =>
    lend([key], (key) => engine.hmacSha256(mac, covered, key)),
  );
  return mac;
}
