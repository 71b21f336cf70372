import { bare } from "../../core/arguments/own.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { NotPossibleError, UsageError } from "../command_line/usage_error.ts";

/** A text around a secret, as another program reads it from a file. */
export interface Template {
  /** What stands before and behind the secret. */
  readonly front: string;
  readonly end: string;
  readonly format: Format;
}

/** The rules of a format for the characters of a value. */
interface Format {
  readonly name: string;
  /** What a byte is written as behind a backslash; undefined: as it is. */
  escape(byte: number): number | undefined;
  /** Whether the format cannot have this byte, here in the value. */
  refuses(byte: number, at: number): boolean;
  /** What cannot be in a value, for a person. */
  readonly refused: string;
  /** Bytes of a value with its escapes; more would be cut off by who reads it. */
  readonly most: number;
}

/** The words of `--template`, as help has them. */
export const TEMPLATES: readonly string[] = ["pgpass", "netrc", "mysql"];

/** @throws {UsageError} */
export function templateOf(text: string): Template {
  const [name = "", ...fields] = fieldsOf(text);
  const odd = ODD_IN_FIELDS[name];
  if (odd !== undefined && fields.some((field) => odd.test(field))) throw usage();
  if (name === "pgpass" && fields.length <= 4) {
    const [host = "*", port = "*", database = "*", user = "*"] = fields;
    return { front: `${[host, port, database, user].join(":")}:`, end: "\n", format: PGPASS };
  }
  if (name === "netrc" && (fields.length === 1 || fields.length === 2)) {
    const [machine = "", login] = fields;
    const who = login === undefined ? "" : ` login ${login}`;
    return { front: `machine ${machine}${who} password `, end: "\n", format: NETRC };
  }
  if (name === "mysql" && fields.length <= 1) {
    const user = fields.map((field) => `user=${field}\n`).join("");
    return { front: `[client]\n${user}password="`, end: '"\n', format: MYSQL };
  }
  throw usage();
}

/** What would end a field, begin a comment, or be read in another way. */
const ODD_IN_FIELDS: Readonly<Record<string, RegExp>> = bare({
  pgpass: /^#/,
  netrc: /["'#\\]/,
  mysql: /["'#\\]/,
});

function usage(): UsageError {
  return new UsageError(
    "--template takes NAME=pgpass[:HOST[:PORT[:DATABASE[:USER]]]], NAME=netrc:MACHINE[:LOGIN] or NAME=mysql[:USER]",
  );
}

/** A colon behind a backslash is part of a field, as in the file of passwords of PostgreSQL. */
function fieldsOf(text: string): readonly string[] {
  const fields = text.match(/(?:\\[!-~]|[!-9;-[\]-~])+/g) ?? [];
  return fields.join(":") === text ? fields : [];
}

/**
 * Each secret as its command is to get it, in the order in which they are given, which are destroyed. When it throws,
 * all are.
 *
 * @throws {NotPossibleError} for a secret that its format cannot have
 */
export function renderAll(
  secrets: Secrets,
  wanted: readonly { readonly name: string }[],
  gathered: readonly SecretBuffer[],
  templates: ReadonlyMap<string, Template>,
): readonly SecretBuffer[] {
  const made: SecretBuffer[] = [];
  try {
    for (const [index, given] of gathered.entries()) {
      const { name } = wanted[index] as { readonly name: string };
      const template = templates.get(name);
      made.push(template === undefined ? given : render(secrets, template, given, name));
    }
    return made;
  } catch (error) {
    for (const secret of [...made, ...gathered]) secret.destroy();
    throw error;
  }
}

/**
 * The text with the secret in it, in secret memory; `secret` is destroyed.
 *
 * @throws {NotPossibleError} for a secret that the format cannot have
 */
export function render(
  secrets: Secrets,
  { front, end, format }: Template,
  secret: SecretBuffer,
  name: string,
): SecretBuffer {
  const [before, behind] = [new TextEncoder().encode(front), new TextEncoder().encode(end)];
  try {
    return secret.expose((bytes) => {
      const length = lengthIn(format, bytes, name);
      return secrets.land(before.length + length + behind.length, (page) => {
        page.set(before);
        writeValue(format, bytes, page, before.length);
        page.set(behind, before.length + length);
      });
    });
  } finally {
    secret.destroy();
  }
}

function lengthIn(format: Format, bytes: Uint8Array, name: string): number {
  let length = bytes.length;
  for (const [at, byte] of bytes.entries()) {
    if (format.refuses(byte, at)) {
      throw new NotPossibleError(
        `${name} cannot be written as ${format.name}, which has no ${format.refused} in a password; choose another password`,
      );
    }
    if (format.escape(byte) !== undefined) length += 1;
  }
  if (length <= format.most) return length;
  throw new NotPossibleError(
    `${name} cannot be written as ${format.name}: its programs read passwords of at most ${format.most} bytes; choose a shorter one`,
  );
}

function writeValue(format: Format, bytes: Uint8Array, page: Uint8Array, from: number): void {
  let to = from;
  for (const byte of bytes) {
    const escaped = format.escape(byte);
    if (escaped !== undefined) page[to++] = BACKSLASH;
    page[to++] = escaped ?? byte;
  }
}

const [BACKSLASH, COLON, QUOTE, HASH, SPACE, DELETE] = [92, 58, 34, 35, 32, 127];
const [ZERO, LF, CR] = [0, 10, 13];

/** The password file of libpq: a line, whose fields end at a colon. */
const PGPASS: Format = {
  name: "pgpass",
  escape: (byte) => (byte === BACKSLASH || byte === COLON ? byte : undefined),
  refuses: (byte) => byte === ZERO || byte === LF || byte === CR,
  refused: "line break and no zero byte",
  most: 60_000,
};

/**
 * Words between white space. Programs differ in quotes and backslashes (curl since 7.84, Python, ftp), so that what
 * takes one of these is refused.
 */
const NETRC: Format = {
  name: "netrc",
  escape: () => undefined,
  refuses: (byte, at) =>
    byte <= SPACE ||
    byte === DELETE ||
    byte === QUOTE ||
    byte === BACKSLASH ||
    (byte === HASH && at === 0),
  refused: "white space, control character, quote, backslash or leading #",
  most: 2000,
};

/** An option file of MySQL and MariaDB: a value in quotes, in lines of 4096 bytes. */
const MYSQL: Format = {
  name: "mysql",
  escape: (byte) => MYSQL_ESCAPES.get(byte),
  refuses: (byte) => byte === ZERO,
  refused: "zero byte",
  most: 4000,
};

const MYSQL_ESCAPES: ReadonlyMap<number, number> = new Map([
  [BACKSLASH, BACKSLASH],
  [QUOTE, QUOTE],
  ...[
    ["\b", "b"],
    ["\t", "t"],
    ["\n", "n"],
    ["\r", "r"],
  ].map(([byte = "", letter = ""]) => [byte.charCodeAt(0), letter.charCodeAt(0)] as const),
]);
