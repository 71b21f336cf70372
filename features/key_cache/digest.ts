import { wrongType } from "../../core/arguments/argument_error.ts";
import { publicBytes } from "../../core/arguments/check_bytes.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { Stanza } from "../../core/contract/key_wrapper.ts";
import { toBase64, toBytes } from "../envelopes/base64.ts";
import { copyOf, joinAll, type View } from "../envelopes/bytes.ts";
import { VERB } from "./limits.ts";

/**
 * A copy, so that what the wrapper is asked for is what the answer is kept for: the stanzas are the caller's, and a wrapper may take
 * its time.
 *
 * @throws {TypeError} for what are no stanzas
 */
export function copyStanzas(given: readonly Stanza[]): readonly Stanza[] {
  if (!Array.isArray(given)) throw wrongType(`Cannot ${VERB} as stanzas must be an array`);
  return [...given].map((stanza: Stanza) => {
    const { args, body } = Object(stanza) as Partial<Stanza>;
    const words = Array.isArray(args) ? [...args] : [];
    if (words.length === 0 || words.some((word) => typeof word !== "string")) {
      throw wrongType(`Cannot ${VERB} as args of a stanza must be an array of strings`);
    }
    const own = copyOf(publicBytes(body, VERB, "body of a stanza"));
    return Object.freeze({ args: Object.freeze(words) as unknown as Stanza["args"], body: own });
  });
}

/**
 * Names a list of stanzas: HMAC-SHA256, in which nobody finds two messages of one tag, of an encoding that no two lists share: each
 * count of arguments and each length stands before what it counts. The key separates it from other uses of SHA-256, and is no secret.
 */
export function digestOf(engine: CryptoEngine, stanzas: readonly Stanza[]): string {
  const pieces: View[] = [];
  for (const { args, body } of stanzas) {
    pieces.push(word(args.length));
    for (const argument of args) pieces.push(...measured(utf16(argument)));
    pieces.push(...measured(body));
  }
  const tag = new Uint8Array(new ArrayBuffer(32));
  engine.hmacSha256(tag, joinAll(pieces), LABEL);
  return toBase64(tag);
}

const LABEL = toBytes("lethe/key-cache");

function measured(bytes: View): readonly [View, View] {
  return [word(bytes.length), bytes];
}

function word(value: number): View {
  const bytes = new Uint8Array(new ArrayBuffer(4));
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** Arguments are ASCII where they come from an envelope. Whatever they are here, no two texts become the same bytes. */
function utf16(text: string): View {
  const bytes = new Uint8Array(new ArrayBuffer(2 * text.length));
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at++) view.setUint16(2 * at, text.charCodeAt(at));
  return bytes;
}
