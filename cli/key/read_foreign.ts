import { closeSync, fstatSync } from "node:fs";
import { isatty } from "node:tty";
import { LetheError, type SecretBuffer, type Secrets } from "../../core/mod.ts";
import { type ParseKeyOptions, type PrivateKey, parseKey } from "../../features/keys/mod.ts";
import { readToEnd } from "../blocking_io.ts";
import { UsageError } from "../command_line/usage_error.ts";
import { openNamed } from "../open_named.ts";
import { isStandardInput } from "../standard_input.ts";
import { type Asking, askPassphrase } from "./ask.ts";

/** The longest file that `parseKey` takes. */
const MOST_BYTES = 65_536;

/** Where a key of another program is, and how it is opened. */
export interface ForeignSource {
  /** A path, or standard input. */
  readonly path: string;
  /** Says that the bytes are the key itself. */
  readonly raw: ParseKeyOptions["raw"];
  /** The descriptor of the passphrase. Without it an encrypted key is asked about. */
  readonly passphrase: number | undefined;
}

/**
 * Reads a private key of another program into secret memory. @returns its secret is the caller's to destroy
 *
 * @throws {LetheError} what `parseKey` raises
 */
export async function readForeign(asking: Asking, source: ForeignSource): Promise<PrivateKey> {
  const content = readContent(asking.secrets, source.path);
  try {
    return await openForeign(asking, source, content);
  } finally {
    content.destroy();
  }
}

/**
 * Asks for the passphrase once the key is known to be encrypted. A given passphrase takes no key that is
 * plain.
 */
export async function openForeign(
  asking: Asking,
  source: ForeignSource,
  content: SecretBuffer,
): Promise<PrivateKey> {
  const { secrets } = asking;
  const raw = source.raw === undefined ? {} : { raw: source.raw };
  if (source.passphrase === undefined) {
    try {
      return parseKey(secrets, content, raw);
    } catch (error) {
      if ((error as Partial<LetheError>).code !== "ERR_LETHE_KEY_PASSPHRASE") throw error;
    }
  }
  const passphrase = await askPassphrase(asking, "Passphrase", source.passphrase, false);
  try {
    return parseKey(secrets, content, { ...raw, passphrase });
  } finally {
    passphrase.destroy();
  }
}

/** The bytes of a file or of standard input, straight from the kernel into secret memory. */
export function readContent(secrets: Secrets, path: string): SecretBuffer {
  if (!isStandardInput(path)) {
    const descriptor = openNamed(path);
    try {
      return readAll(secrets, descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
  if (isatty(0)) {
    throw new UsageError("standard input is a terminal, which would show the key; give a file");
  }
  return readAll(secrets, 0);
}

function readAll(secrets: Secrets, descriptor: number): SecretBuffer {
  const facts = fstatSync(descriptor);
  const room = facts.isFile() ? Math.min(facts.size, MOST_BYTES) + 1 : MOST_BYTES + 1;
  const whole = secrets.allocate(room);
  try {
    const length = whole.modify((bytes) => readToEnd(descriptor, bytes));
    if (length === 0) refuse("it is empty; give the file of a private key");
    if (length === room) refuse(`it is longer than ${room - 1} bytes; give the file of one key`);
    return whole.slice(0, length);
  } finally {
    whole.destroy();
  }
}

function refuse(reason: string): never {
  throw new LetheError("ERR_LETHE_KEY_FORMAT", `Cannot read key: ${reason}`);
}
