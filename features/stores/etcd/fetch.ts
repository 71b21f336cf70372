import type { PlatformSignal, SignalLike } from "../../../core/arguments/foreign.ts";
import { strictDecoder } from "../../../core/text.ts";
import { orAborted } from "../../../system/or_aborted.ts";
import type { ReadableBody } from "../../../system/readable_body.ts";

/** The part of `fetch` that a store uses: every platform's own does, and one that presents a client certificate. */
export type StoreFetch = (url: string, request: StoreRequest) => Promise<StoreResponse>;

/** What is asked. */
export interface StoreRequest {
  /** Always POST. */
  readonly method: "POST";
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON: names, ciphertext and numbers. */
  readonly body: string;
  /** Ends it. */
  readonly signal: PlatformSignal;
  /** Always `error`: what is asked of one machine goes to no other. */
  readonly redirect: "error";
}

/** What is answered: a `Response` is one. */
export interface StoreResponse {
  /** The HTTP status: an integer from 100 to 599. */
  readonly status: number;
  /** The bytes of the answer; null: none. */
  readonly body: ReadableBody | null;
}

/** Reads lines of an answer, and no more than so many bytes for one, until the signal is aborted. */
export async function* linesOf(
  { body }: StoreResponse,
  mostBytes: number,
  signal: SignalLike,
): AsyncGenerator<string, void, undefined> {
  if (body === null) return;
  const reader = body.getReader();
  const decoder = strictDecoder(false);
  let text = "";
  try {
    for (;;) {
      const { done, value } = await orAborted(reader.read(), signal);
      const piece =
        done || value === undefined ? decoder.decode() : decoder.decode(value, { stream: true });
      const [first = "", ...others] = piece.split("\n");
      text += first;
      for (const other of others) {
        if (text.trim() !== "") yield text;
        text = other;
      }
      if (text.length > mostBytes) throw new RangeError("an answer is too long");
      if (done) break;
    }
    if (text.trim() !== "") yield text;
  } finally {
    void (async () => await reader.cancel())().catch(() => undefined);
  }
}
