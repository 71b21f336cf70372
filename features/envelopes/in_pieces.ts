import { isArmored } from "./armor.ts";
import { unarmored } from "./armor_stream.ts";
import { joined, type View, within } from "./bytes.ts";
import type { Envelopes } from "./envelopes.ts";
import type { EnvelopeFacts } from "./facts.ts";
import { HeaderBuffer } from "./header_buffer.ts";
import { payloadLength } from "./payload.ts";
import { malformed } from "./refusal.ts";

/**
 * Envelopes whose payload comes in pieces, of any length: what the command line reads them with.
 *
 * @module
 */
export { armored } from "./armor_stream.ts";
export { plaintextLength } from "./payload.ts";
export { MOST_CONTEXT_BYTES } from "./public_context.ts";

/** An envelope of which the header was read, and nothing that it takes to open it. */
export interface EnvelopeHead {
  /** Of the header. `payloadBytes` is only known at the end. */
  readonly facts: Omit<EnvelopeFacts, "payloadBytes">;
  readonly header: View;
  /** What stands behind the header. It can be taken once. */
  readonly payload: AsyncGenerator<View, void, undefined>;
}

/**
 * Reads the header of an envelope, which has a bound, and no more than a piece besides. Text is known by the first piece.
 *
 * @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT`
 */
export async function readHead(
  envelopes: Pick<Envelopes, "inspect">,
  raw: AsyncGenerator<View, void, undefined>,
): Promise<EnvelopeHead> {
  const first = await raw.next();
  const isText = !first.done && isArmored(first.value);
  const whole = first.done ? raw : after(first.value, raw);
  const bytes = isText ? unarmored(whole) : whole;
  const buffer = new HeaderBuffer();
  for (;;) {
    const { done, value } = await bytes.next();
    if (done === true) throw malformed("its header does not end");
    const taken = buffer.push(value);
    if (!buffer.whole) continue;
    const { payloadBytes: _, ...facts } = envelopes.inspect(joined(buffer.bytes, NO_PAYLOAD));
    return {
      facts: { ...facts, armored: isText },
      header: buffer.bytes,
      payload: after(within(value, taken), bytes),
    };
  }
}

/** As long as a payload of nothing: what reads a header wants one behind it. */
export const NO_PAYLOAD: View = new Uint8Array(new ArrayBuffer(payloadLength(0)));

/** Header and payload, as they came. */
export function wholeOf({ header, payload }: EnvelopeHead): AsyncGenerator<View, void, undefined> {
  return after(header, payload);
}

async function* after(
  first: View,
  rest: AsyncIterable<View>,
): AsyncGenerator<View, void, undefined> {
  if (first.length > 0) yield first;
  yield* rest;
}
