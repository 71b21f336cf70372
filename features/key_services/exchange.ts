import { bare, type Json } from "../../core/arguments/own.ts";
import { encodeText } from "../../core/text.ts";
import type { View } from "../envelopes/bytes.ts";
import type { Answer } from "./answer.ts";
import {
  failed,
  KeyServiceError,
  type KeyServiceFault,
  type KeyServiceVerb,
} from "./key_service_error.ts";

/** Whose answer it is, for messages. */
export interface Said {
  readonly verb: KeyServiceVerb;
  readonly name: string;
  readonly status: number;
}

/** JSON as bytes: what is signed or hashed is what is sent. */
export function jsonBytes(value: Json): View {
  return new Uint8Array(encodeText(JSON.stringify(bare({ ...value }))));
}

/** An answer that says it went well and does not have what its API has. */
export function malformedAnswer({ verb, name, status }: Said): KeyServiceError {
  return failed(
    verb,
    name,
    "malformed",
    "its answer is not of the form of its API; see whether a proxy answers for it",
    { status, serviceCode: null, retryAfter: null },
  );
}

/** An answer about something else than was asked for. @param what it is, as a whole clause */
export function mismatched({ verb, name, status }: Said, what: string): KeyServiceError {
  return failed(verb, name, "mismatched", `${what}; see whether a proxy answers for it`, {
    status,
    serviceCode: null,
    retryAfter: null,
  });
}

/** An error of the service. */
export function refusal<F extends KeyServiceFault>(
  { verb, name }: Said,
  { status, retryAfter }: Answer,
  fault: F,
  serviceCode: string | null,
  remedies: Readonly<Record<F, string>>,
): KeyServiceError {
  const code = serviceCode === null ? "" : `, ${serviceCode}`;
  const reason = `it answers HTTP status ${status}${code}; ${remedies[fault]}`;
  return failed(verb, name, fault, reason, { status, serviceCode, retryAfter });
}

/** What is opened; or the error that says that the service did not encrypt this. */
export async function foreignOr(opened: Promise<View>): Promise<View | KeyServiceError> {
  try {
    return await opened;
  } catch (error) {
    if (error instanceof KeyServiceError && error.fault === "foreign") return error;
    throw error;
  }
}
