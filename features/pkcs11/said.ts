import { isArgumentError } from "../../core/arguments/argument_error.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { FILE_KEY_BYTES, type Stanza } from "../../core/contract/key_wrapper.ts";
import type { Arrival, Fields } from "../custodian/open_guest.ts";
import type { View } from "../envelopes/bytes.ts";
import type { Algorithm } from "./operations.ts";
import { failed, Pkcs11Error, type TriesLeft } from "./pkcs11_error.ts";

// What the process of a module says is believed as far as it has the form of what Lethe's own program says there: the module may have
// changed that program. What the bodies hold nobody can check here.

/** The fewest and the most bytes of a body. RSA keys have 512 to 16,384 bits. */
const BODIES: Readonly<Record<Algorithm, readonly [fewest: number, most: number]>> = {
  "rsa-oaep-sha256": [64, 2048],
  "rsa-oaep-sha1": [64, 2048],
  "aes-gcm": [44, 44],
  "ecdh-p256": [97, 97],
};

/** As JSON of three texts, and nothing that `JSON.stringify` would write otherwise. */
const REPORT = RegExp(
  `^\\["(lethe/pkcs11)","(${Object.keys(BODIES).join("|")})","([A-Za-z0-9+/]{16})"\\]$`,
);

/** The one stanza of a wrap. @throws {Pkcs11Error} */
export function stanzaIn({ report = "", data }: Fields): Stanza {
  const [, type, algorithm, tag] = REPORT.exec(report) ?? [];
  const [fewest, most] = BODIES[algorithm as Algorithm] ?? [1, 0];
  const length = data?.length ?? 0;
  if (type === undefined || algorithm === undefined || tag === undefined) throw strange("stanza");
  if (data === undefined || length < fewest || length > most) throw strange("stanza");
  return { args: Object.freeze([type, algorithm, tag] as const), body: data as View };
}

/** @returns null where the process says that the stanza is another key's. @throws {Pkcs11Error} */
export function fileKeyIn({ holds }: Fields, arrival: Arrival | null): Arrival | null {
  if (arrival?.byteLength === FILE_KEY_BYTES) return arrival;
  if (arrival === null && holds === false) return null;
  throw strange("file key");
}

/** What the module returned there, as an error of this process. */
export function errorIn({ message = "", text = "", type = "" }: Fields): Pkcs11Error {
  const line = message.slice(0, MOST_MESSAGE).replace(RegExp(UNSEEN, "gu"), " ");
  const left = TRIES.find((known) => known === type) ?? "unknown";
  return new Pkcs11Error(line, RETURN_VALUE.test(text) ? text : null, left);
}

/** An error as it was refused, unless its words are none of Lethe's. */
export function refusalIn(error: unknown): unknown {
  const isOurs = error instanceof LetheError || isArgumentError(error);
  if (!isOurs || error instanceof Pkcs11Error) return error;
  const isKnown = !(error instanceof LetheError) || CODE.test(error.code);
  const isLine = error.message.length <= MOST_REFUSAL && !UNSEEN.test(error.message);
  return isKnown && isLine ? error : strange("error");
}

function strange(what: string): Pkcs11Error {
  return failed(
    `its process gave no ${what} of the form that Lethe gives there: the option program names another version of Lethe, or the module changed the answer; correct program, or use another module`,
  );
}

const MOST_MESSAGE = 600;
const MOST_REFUSAL = 2048;
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;
const CODE = /^ERR_LETHE_[A-Z_]{1,40}$/;
const RETURN_VALUE = /^CKR(?:_[A-Z0-9_]{1,60}| 0x[0-9a-f]{1,16}|_VENDOR_DEFINED\+0x[0-9a-f]{1,8})$/;
const TRIES: readonly TriesLeft[] = ["none", "one", "fewer", "unknown"];
