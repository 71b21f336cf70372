import { wrongType } from "../../core/arguments/argument_error.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { TextDecoder } from "../../system/node_builtins.ts";
import { toBytes } from "../envelopes/base64.ts";
import type { View } from "../envelopes/bytes.ts";

/** What a PKCS#11 URI says (RFC 7512): the attributes that it has, decoded. */
export interface Pkcs11Uri {
  /** Attributes of the path that are text, by their names in the RFC. */
  readonly texts: ReadonlyMap<TextAttribute, string>;
  /** The class of the object. */
  readonly type?: ObjectType;
  /** CKA_ID, which need not be text. */
  readonly id?: View;
  readonly slotId?: bigint;
  /** Major and minor. */
  readonly libraryVersion?: readonly [major: number, minor: number];
  /** The absolute path of the module. */
  readonly modulePath?: string;
}

export type TextAttribute = (typeof TEXTS)[number];
export type ObjectType = (typeof TYPES)[number];

const TEXTS = [
  "token",
  "manufacturer",
  "serial",
  "model",
  "library-manufacturer",
  "library-description",
  "object",
  "slot-manufacturer",
  "slot-description",
] as const;
const TYPES = ["public", "private", "cert", "secret-key", "data"] as const;

const SCHEME = /^pkcs11:/i;
/** More than any token's attributes take. */
const LONGEST = 8192;
// RFC 7512, section 2.3: pk11-pchar and pk11-qchar.
const PATH_VALUE = /^(?:[A-Za-z0-9\-._~:[\]@!$'()*+,=&]|%[0-9A-Fa-f]{2})*$/;
const QUERY_VALUE = /^(?:[A-Za-z0-9\-._~:[\]@!$'()*+,=/?|]|%[0-9A-Fa-f]{2})*$/;
const VERSION = /^(\d{1,3})(?:\.(\d{1,3}))?$/;
const NUMBER = /^\d{1,20}$/;

/**
 * Reads a PKCS#11 URI by the grammar of RFC 7512.
 *
 * - URI-1: `pin-value` and `pin-source` are refused, wherever they stand: a PIN is bytes of a secret, and no part of a text
 * - URI-2: an attribute that is not known is refused, because what it asks for would not be done
 * - URI-3: no message quotes a value, which may be a PIN in the wrong place
 *
 * @throws {TypeError} for what is no such URI
 */
export function parseUri(text: unknown, verb: string): Pkcs11Uri {
  if (typeof text !== "string" || text.length > LONGEST || !SCHEME.test(text)) {
    const kind = typeof text === "string" ? "another text" : kindOf(text);
    throw wrongType(`Cannot ${verb} as uri must be pkcs11:… (RFC 7512): it is ${kind}`);
  }
  // Wherever it stands, within a value too: a separator that was forgotten makes a PIN a part of the value before it.
  const [, pin] = /(pin-value|pin-source)=/i.exec(text) ?? [];
  if (pin !== undefined) throw pinRefused(pin.toLowerCase(), verb);
  const whole = text.slice("pkcs11:".length);
  const mark = whole.indexOf("?");
  const path = mark < 0 ? whole : whole.slice(0, mark);
  const query = mark < 0 ? null : whole.slice(mark + 1);
  const uri: Reading = { texts: new Map() };
  for (const [name, value] of split(path, ";", PATH_VALUE, verb)) takePath(uri, name, value, verb);
  for (const [name, value] of split(query, "&", QUERY_VALUE, verb)) {
    takeQuery(uri, name, value, verb);
  }
  return Object.freeze(uri);
}

type Reading = { -readonly [K in keyof Pkcs11Uri]: Pkcs11Uri[K] };

/** Names and values as they stand there, each name once. */
function split(
  part: string | null,
  separator: string,
  allowed: RegExp,
  verb: string,
): readonly (readonly [string, string])[] {
  if (part === null || part === "") return [];
  const seen = new Set<string>();
  return part.split(separator).map((attribute) => {
    const at = attribute.indexOf("=");
    const [name, value] = [attribute.slice(0, Math.max(at, 0)), attribute.slice(at + 1)];
    if (!/^[A-Za-z0-9_-]+$/.test(name)) throw refused(verb, "an attribute is not NAME=VALUE");
    if (!allowed.test(value))
      throw refused(verb, `${shown(name)} has a character to be written as %XX`);
    if (seen.has(name)) throw refused(verb, `${shown(name)} stands there twice`);
    seen.add(name);
    return [name, value] as const;
  });
}

function takePath(uri: Reading, name: string, value: string, verb: string): void {
  const text = TEXTS.find((known) => known === name);
  if (text !== undefined) {
    (uri.texts as Map<TextAttribute, string>).set(text, textOf(value, name, verb));
  } else if (name === "type") {
    const type = TYPES.find((known) => known === value);
    if (type === undefined) throw refused(verb, `type must be one of ${TYPES.join(", ")}`);
    uri.type = type;
  } else if (name === "id") {
    uri.id = octetsOf(value);
  } else if (name === "slot-id") {
    const number = NUMBER.test(value) ? BigInt(value) : -1n;
    if (number < 0n || number >= 1n << 64n)
      throw refused(verb, "slot-id is not a number of a slot");
    uri.slotId = number;
  } else if (name === "library-version") {
    const [, major = "", minor = "0"] = VERSION.exec(value) ?? [];
    if (major === "") throw refused(verb, "library-version must be MAJOR or MAJOR.MINOR");
    uri.libraryVersion = [Number(major), Number(minor)];
  } else {
    throw unknown(verb, name);
  }
}

function takeQuery(uri: Reading, name: string, value: string, verb: string): void {
  if (name === "module-name") {
    throw refused(
      verb,
      "module-name does not say in which folder the module is; give module-path instead",
    );
  }
  if (name !== "module-path") throw unknown(verb, name);
  const path = textOf(value, name, verb);
  if (!path.startsWith("/")) {
    throw refused(
      verb,
      "module-path must be absolute: otherwise the current folder would choose it",
    );
  }
  uri.modulePath = path;
}

/** Percent-decoded. */
function octetsOf(value: string): View {
  const text = value.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return toBytes(text);
}

function textOf(value: string, name: string, verb: string): string {
  const bytes = octetsOf(value);
  if (bytes.includes(0)) throw refused(verb, `${name} has a zero byte`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused(verb, `${name} is not UTF-8`);
  }
}

function pinRefused(name: string, verb: string): TypeError {
  return refused(
    verb,
    `${name} is never taken: a PIN in a text cannot be wiped. Pass its bytes as pin${name === "pin-value" ? ", and change the PIN that stood there" : ", as lethe/sources or lethe/prompt give them"}`,
  );
}

function unknown(verb: string, name: string): TypeError {
  return refused(verb, `the attribute ${shown(name)} is not known here`);
}

/** A name as it may be shown: a known word, and nothing that could be a value in the wrong place. */
function shown(name: string): string {
  const known = [
    ...TEXTS,
    "type",
    "id",
    "slot-id",
    "library-version",
    "module-path",
    "module-name",
  ];
  return known.includes(name) ? name : "of another name";
}

function refused(verb: string, what: string): TypeError {
  return wrongType(`Cannot ${verb} as uri is not one that can be used: ${what}`);
}
