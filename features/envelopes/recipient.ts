import { wrongKind } from "../../core/arguments/argument_error.ts";
import { publicBytes } from "../../core/arguments/check_bytes.ts";
import type { Recipient } from "../../core/contract/key_wrapper.ts";
import { ascii, hasAt } from "../../core/sealed_key_mark.ts";
import { toBytes, toText } from "./base64.ts";
import { copyOf, type View, within } from "./bytes.ts";
import { type EnvelopeContext, residueOf, useUp, X25519_OPERATIONS } from "./context.ts";
import { readRecipient } from "./identity.ts";
import { sshRecipient } from "./key_identity.ts";
import { isKeyRecipient, readKeyRecipient } from "./key_names.ts";
import { refused } from "./recipient_refusal.ts";
import { agree, wrapX25519 } from "./x25519.ts";

const LONGEST = 65_536;
const SSH = ascii("ssh-");
const SECRET = ascii("AGE-SECRET-KEY-");

/** @throws {LetheError} `ERR_LETHE_KEY_FORMAT` */
export function parseRecipient(context: EnvelopeContext, given: string | Uint8Array): Recipient {
  const text = textOf(given);
  if (hasAt(text, 0, SECRET)) {
    throw refused(
      "it is a private key, which belongs in a file; read that with parseIdentities(), and seal to its recipient",
    );
  }
  if (hasAt(text, 0, SSH)) return sshRecipient(context, text);
  const publicKey = isKeyRecipient(text) ? readKeyRecipient(text) : readRecipient(text);
  if (publicKey === null) throw refused("it is of no type that Lethe knows, or was cut or changed");
  checkOrder(context, publicKey);
  return Object.freeze({
    name: toText(text),
    version: null,
    residue: residueOf(context, X25519_OPERATIONS),
    wrap: wrapX25519(context, publicKey),
  });
}

/** A copy without the white space around it. */
function textOf(given: unknown): View {
  if (typeof given === "string") {
    if (given.length > LONGEST) throw refused("it is too long");
    // Only a comment may have others.
    return toBytes(given.trim().replace(/[^ -~]/g, "?"));
  }
  if (typeof given !== "object") {
    throw wrongKind(`Cannot parse recipient as text must be a string or a Uint8Array`, given);
  }
  const bytes = publicBytes(given, "parse recipient", "text");
  if (bytes.length > LONGEST) throw refused("it is too long");
  let [start, end] = [0, bytes.length];
  while (start < end && (bytes[start] as number) <= 32) start += 1;
  while (end > start && (bytes[end - 1] as number) <= 32) end -= 1;
  return copyOf(within(bytes, start, end));
}

/** A point of low order would make a shared secret that everybody knows. */
function checkOrder(context: EnvelopeContext, publicKey: View): void {
  const shared = useUp(context.secrets.random(32), (secret) => agree(context, secret, publicKey));
  if (shared === null)
    throw refused("its public key is of low order: everybody could open what is sealed to it");
  shared.destroy();
}
