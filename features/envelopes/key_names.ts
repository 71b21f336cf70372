/**
 * X25519 keys in Lethe's key files, as age names them for `age-plugin-lethe`: both texts are public.
 *
 * | text | bytes behind the prefix |
 * | --- | --- |
 * | `age1lethe1…` | the version (1), 32 of the public key |
 * | `AGE-PLUGIN-LETHE-1…` | the version (1), 32 of the public key, the absolute path of the key file as UTF-8 |
 *
 * The public key in an identity says which key is meant: a file at that path that holds another one is refused, and to seal
 * to an identity takes no file.
 */

import { equalBytes } from "../../core/bytes.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { ascii, hasAt } from "../../core/sealed_key_mark.ts";
import { encodeText, strictDecoder } from "../../core/text.ts";
import { toText } from "./base64.ts";
import { bech32Bytes, bech32Decode, bech32Encode, bech32Length } from "./bech32.ts";
import { copyOf, joined, type View, within } from "./bytes.ts";

const RECIPIENT = "age1lethe";
const IDENTITY = "AGE-PLUGIN-LETHE-";
const VERSION = 1;
const KEY_BYTES = 32;
/** PATH_MAX of Linux without the NUL. */
const MOST_PATH_BYTES = 4095;
const LONGEST: number = bech32Length(IDENTITY, 1 + KEY_BYTES + MOST_PATH_BYTES);

/** Which key is in which file. */
export interface KeyName {
  readonly publicKey: View;
  /** Absolute and without `.`, `..`, empty parts, invisible characters and unusual spaces. */
  readonly path: string;
}

/** `age1lethe1…` */
export function formatKeyRecipient(publicKey: Uint8Array): string {
  return format(RECIPIENT, joined([VERSION], publicKey));
}

/** `AGE-PLUGIN-LETHE-1…`. @throws {LetheError} `ERR_LETHE_KEY_FORMAT` for a path that has no such name */
export function formatKeyIdentity({ publicKey, path }: KeyName): string {
  const why = flawOfPath(path);
  if (why !== null) throw refused(`the path of a key file ${why}; give another one`);
  return format(IDENTITY, joined([VERSION], publicKey, encodeText(path)));
}

/** Whether a text is meant to be such a recipient, also one that is not whole. */
export function isKeyRecipient(text: Uint8Array): boolean {
  return hasAt(text, 0, RECIPIENT_START);
}

/** The same of an identity. */
export function isKeyIdentity(text: Uint8Array): boolean {
  return hasAt(text, 0, IDENTITY_START);
}

const RECIPIENT_START = ascii(`${RECIPIENT}1`);
const IDENTITY_START = ascii(`${IDENTITY}1`);

/** The public key of `age1lethe1…`. @throws {LetheError} `ERR_LETHE_KEY_FORMAT` */
export function readKeyRecipient(text: View): View {
  const bytes = read(RECIPIENT, text, "recipient");
  if (bytes.length !== 1 + KEY_BYTES) throw refused("a recipient of Lethe has another length");
  return copyOf(within(bytes, 1));
}

/** What `AGE-PLUGIN-LETHE-1…` says. @throws {LetheError} `ERR_LETHE_KEY_FORMAT` */
export function readKeyIdentity(text: View): KeyName {
  const bytes = read(IDENTITY, text, "identity");
  if (bytes.length <= 1 + KEY_BYTES) throw refused("an identity of Lethe has no path");
  const path = utf8(within(bytes, 1 + KEY_BYTES));
  const why = path === null ? "is not UTF-8" : flawOfPath(path);
  if (path === null || why !== null) throw refused(`the path in an identity of Lethe ${why}`);
  return Object.freeze({ publicKey: copyOf(within(bytes, 1, 1 + KEY_BYTES)), path });
}

/** Refuses a key file that holds another key than its identity names. @throws {LetheError} `ERR_LETHE_KEY_INVALID` */
export function checkNamed({ path, publicKey }: KeyName, found: Uint8Array): void {
  if (equalBytes(publicKey, found)) return;
  throw new LetheError(
    "ERR_LETHE_KEY_INVALID",
    `Cannot use key file ${JSON.stringify(path)}: it holds another key than the identity names; restore the file, or make a new identity with lethe envelope plugin`,
  );
}

function format(prefix: string, bytes: View): string {
  const text = new Uint8Array(new ArrayBuffer(bech32Length(prefix, bytes.length)));
  bech32Encode(prefix, bytes, text);
  return toText(text);
}

function read(prefix: string, text: View, what: string): View {
  const length = text.length > LONGEST ? -1 : bech32Bytes(prefix, text.length);
  const bytes = new Uint8Array(new ArrayBuffer(Math.max(0, length)));
  if (length < 1 || !bech32Decode(prefix, text, bytes)) {
    throw refused(`that is not a whole ${what} of Lethe: a character is missing, added or changed`);
  }
  if (bytes[0] === VERSION) return bytes;
  throw refused(`its ${what} is of version ${bytes[0]}, which this Lethe does not know; update it`);
}

function utf8(bytes: View): string | null {
  const decoder = strictDecoder(true);
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** What is wrong with a path: one that two texts could name, or that a terminal would show as another one. */
function flawOfPath(path: string): string | null {
  if (!path.startsWith("/")) return "is not absolute";
  const parts = path.slice(1).split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    return "has an empty part, . or ..";
  }
  if (HIDDEN.test(path)) return "has a character that does not show, or an unusual space";
  if (encodeText(path).length > MOST_PATH_BYTES) return `has more than ${MOST_PATH_BYTES} bytes`;
  return null;
}

const HIDDEN =
  /[\p{Control}\p{Format}\p{Surrogate}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]|(?! )\p{Separator}/u;

function refused(why: string): LetheError {
  return new LetheError("ERR_LETHE_KEY_FORMAT", `Cannot use key of age-plugin-lethe: ${why}`);
}
