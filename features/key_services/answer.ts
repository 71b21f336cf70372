import { type Json, optional, parseRecord } from "../../core/arguments/own.ts";
import { wallNow } from "../../core/globals.ts";
import { strictDecoder } from "../../core/text.ts";
import { orAborted } from "../../system/or_aborted.ts";
import { joinAll, joined, type View } from "../envelopes/bytes.ts";
import type { KeyServiceResponse } from "./fetch.ts";

/** An answer that was read to its end. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: number | null;
  /** The body; null: it is no JSON object. */
  readonly json: Json | null;
  /** A header, or null. */
  readonly header: (name: string) => string | null;
}

/** Why an answer was not read. */
export class AnswerFault extends Error {
  readonly status: number;
  readonly kind: "redirected" | "too long" | "another type";

  constructor(kind: AnswerFault["kind"], status: number) {
    super(kind);
    this.kind = kind;
    this.status = status;
  }
}

/** The most bytes of an answer: 64 KiB in base64, and what is around it. */
const MOST_ANSWER_BYTES: number = 2 ** 17;

/**
 * Reads an answer.
 *
 * @param types of its body, without parameters; an error may be of another
 * @throws {AnswerFault}, what the stream throws, and the signal's reason
 */
export async function readAnswer(
  response: KeyServiceResponse,
  types: readonly string[],
  signal: AbortSignal,
): Promise<Answer> {
  const { status, body, headers } = response;
  const isRedirected = status === 0 || (status >= 300 && status < 400);
  if (isRedirected || optional(response, "redirected") === true) {
    throw new AnswerFault("redirected", status);
  }
  const header = (name: string): string | null => headers.get(name);
  const bytes = body === null ? joined() : await readBody(body, status, signal);
  const type = (header("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const isOfType = types.includes(type);
  if (status === 200 && !isOfType) throw new AnswerFault("another type", status);
  const retryAfter = secondsOf(header("retry-after"));
  return { status, retryAfter, json: isOfType ? parsed(bytes) : null, header };
}

async function readBody(
  body: NonNullable<KeyServiceResponse["body"]>,
  status: number,
  signal: AbortSignal,
): Promise<View> {
  const reader = body.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await orAborted(reader.read(), signal);
      if (done) return joinAll(pieces);
      if (value === undefined) continue;
      length += value.length;
      if (length > MOST_ANSWER_BYTES) throw new AnswerFault("too long", status);
      pieces.push(value);
    }
  } finally {
    void (async () => await reader.cancel())().catch(() => undefined);
  }
}

function parsed(bytes: View): Json | null {
  const decoder = strictDecoder(false);
  try {
    return parseRecord(decoder.decode(bytes));
  } catch {
    return null;
  }
}

/** `Retry-After` of RFC 9110 in seconds, a number or a date; null for anything else. */
export function secondsOf(text: string | null): number | null {
  if (text === null) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  if (!/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - wallNow()) / 1000));
}
