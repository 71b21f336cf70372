import type { View } from "../../features/envelopes/bytes.ts";
import { joined, within } from "../../features/envelopes/bytes.ts";
import {
  type EnvelopeHead,
  NO_PAYLOAD,
  plaintextLength,
  wholeOf,
} from "../../features/envelopes/in_pieces.ts";
import type { Identity, Recipient } from "../../features/envelopes/mod.ts";
import type { Bench } from "./bench.ts";
import { through } from "./pipe.ts";

/** An envelope for other recipients, as it is read. */
export type Moving = (
  bench: Bench,
  opened: EnvelopeHead,
  openers: readonly Identity[],
  to: readonly Recipient[],
) => Promise<AsyncIterable<View>>;

/** A new header before the same payload, of which only the length is looked at. */
export const readdressed: Moving = async ({ envelopes }, { header, payload }, openers, to) => {
  const moved = await envelopes.readdress(joined(header, NO_PAYLOAD), openers, to);
  return behind(within(moved, 0, moved.length - NO_PAYLOAD.length), payload);
};

/** The same plaintext and context under a new file key. */
export const resealed: Moving = async ({ envelopes }, opened, openers, to) => {
  const { context } = opened.facts;
  const bound = context === null ? {} : { context };
  const plaintext = through(wholeOf(opened), envelopes.openStream(openers, bound));
  return through(generatorOf(plaintext), envelopes.sealStream(to, bound));
};

async function* behind(
  header: View,
  payload: AsyncIterable<View>,
): AsyncGenerator<View, void, undefined> {
  yield header;
  let length = 0;
  for await (const piece of payload) {
    length += piece.length;
    yield piece;
  }
  plaintextLength(length); // of what was cut in the middle of a chunk
}

/** How many bytes come, none of which are kept. */
export async function countOf(source: AsyncIterable<View>): Promise<number> {
  let length = 0;
  for await (const piece of source) length += piece.length;
  return length;
}

async function* generatorOf<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  yield* source;
}
