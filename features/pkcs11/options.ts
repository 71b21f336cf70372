import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { isOfAnotherCopy, kindOf } from "../../core/arguments/kind_of.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { makeOf } from "../../core/standard/lender.ts";
import { VERB } from "./pkcs11_error.ts";
import type { OaepHash, Pkcs11Options } from "./types.ts";
import { type Pkcs11Uri, parseUri } from "./uri.ts";

/** Names of the options of a key. */
export const PKCS11_OPTIONS = ["uri", "pin", "hash", "spendLastTry"] as const;

/** The options but the PIN. */
export interface CheckedKey {
  /** As it was given. */
  readonly text: string;
  readonly uri: Pkcs11Uri;
  readonly modulePath: string;
  readonly hash: OaepHash;
  readonly spendLastTry: boolean;
  /** For people: the URI without its module. */
  readonly name: string;
}

/** @throws {TypeError} */
export function checkKeyOptions(
  secrets: Secrets,
  { uri: text, hash = "sha256", spendLastTry = false }: Readonly<Partial<Pkcs11Options>>,
): CheckedKey {
  if (typeof secrets?.allocate !== "function" || isOfAnotherCopy(secrets)) {
    throw wrongKind(`Cannot ${VERB} as secrets must come from openSecrets()`, secrets);
  }
  const uri = parseUri(text, VERB);
  if (hash !== "sha256" && hash !== "sha1") {
    throw wrongType(`Cannot ${VERB} as hash must be "sha256" or "sha1"`);
  }
  if (typeof spendLastTry !== "boolean") {
    throw wrongType(
      `Cannot ${VERB} as spendLastTry must be a boolean: it is ${kindOf(spendLastTry)}`,
    );
  }
  const { modulePath } = uri;
  if (modulePath === undefined) {
    throw wrongType(
      `Cannot ${VERB} as uri must have module-path: Lethe looks for modules nowhere. Add ?module-path=/… to it`,
    );
  }
  const name = (text as string).replace(/\?.*$/, "");
  return { text: text as string, uri, modulePath, hash, spendLastTry, name };
}

export function copyOfPin(
  secrets: Secrets,
  given: NonNullable<Pkcs11Options["pin"]>,
): SecretBuffer {
  return makeOf(given, VERB, "pin", (bytes) => {
    const secret = secrets.allocate(bytes.length);
    secret.modify((target) => target.set(bytes));
    return secret;
  });
}
