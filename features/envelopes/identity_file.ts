import { LetheError } from "../../core/contract/errors.ts";
import { ascii, hasAt } from "../../core/sealed_key_mark.ts";
import { type View, within } from "./bytes.ts";
import type { EnvelopeContext } from "./context.ts";
import { type HeldIdentity, identityOf, readIdentity } from "./identity.ts";

const LINE_FEED = 10;
const RETURN = 13;
const HASH = 35;
const NATIVE = ascii("AGE-SECRET-KEY-1");
const HYBRID = ascii("AGE-SECRET-KEY-PQ-1");
const PLUGIN = ascii("AGE-PLUGIN-");

/** A line that is one of a plugin: public, it names a key and holds none. */
export interface PluginLine {
  readonly plugin: View;
}

/**
 * The identities of a file of `age-keygen`, within a scope: one on each line, beside comments and empty lines.
 *
 * @param ofPlugin makes one of a plugin's line
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT`, `ERR_LETHE_UNSUPPORTED`; no identity is then left
 */
export function readIdentityFile(context: EnvelopeContext, bytes: View): readonly HeldIdentity[] {
  const identities: HeldIdentity[] = [];
  try {
    let number = 0;
    for (const line of linesOf(bytes)) {
      number += 1;
      if (line.length === 0 || line[0] === HASH) continue;
      identities.push(readLine(context, line, number));
    }
    if (identities.length === 0) throw wrong("it holds no identity; correct the path");
  } catch (error) {
    for (const identity of identities) identity.destroy();
    throw error;
  }
  return identities;
}

function readLine(context: EnvelopeContext, line: View, number: number): HeldIdentity {
  if (hasAt(line, 0, HYBRID)) {
    throw new LetheError(
      "ERR_LETHE_UNSUPPORTED",
      `Cannot read identities: line ${number} is a hybrid key (ML-KEM), which Lethe does not have; use age 1.3 or newer for it`,
    );
  }
  if (hasAt(line, 0, PLUGIN)) {
    throw new LetheError(
      "ERR_LETHE_UNSUPPORTED",
      `Cannot read identities: line ${number} is of a plugin; pass it to usePlugin() of lethe/age-plugins`,
    );
  }
  if (!hasAt(line, 0, NATIVE)) {
    throw wrong(
      `line ${number} is neither an identity nor a comment, and not empty; correct the file`,
    );
  }
  const secretKey = readIdentity(context, line);
  if (secretKey === null) {
    throw wrong(`line ${number} is not a whole identity: a character is missing, added or changed`);
  }
  try {
    return identityOf(context, secretKey);
  } catch (error) {
    secretKey.destroy();
    throw error;
  }
}

/** Lines without their ends. */
export function* linesOf(bytes: View): Generator<View, void, undefined> {
  for (let start = 0; start < bytes.length; ) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed;
    const isCrLf = end > start && bytes[end - 1] === RETURN;
    yield within(bytes, start, isCrLf ? end - 1 : end);
    start = end + 1;
  }
}

function wrong(what: string): LetheError {
  return new LetheError("ERR_LETHE_KEY_FORMAT", `Cannot read identities: ${what}`);
}
