import { type Json, recordOf } from "../../../core/arguments/own.ts";

export {
  fromPaddedBase64 as fromBase64,
  toPaddedBase64 as toBase64,
} from "../../envelopes/base64.ts";

/** 64-bit numbers are text in the JSON of gRPC. Revisions are positive; a lease may be negative. */
export function numberOf(value: unknown): string | null {
  return typeof value === "string" && /^-?[1-9]\d{0,18}$/.test(value) ? value : null;
}

/**
 * The revision of the whole store, which every answer of etcd has in its header; null: it is no answer of etcd. What is false, zero
 * or empty is left out of an answer, so that nothing else tells "no such key" from the JSON of another service.
 */
export function revisionIn(answer: Json): string | null {
  return numberOf(recordOf(answer["header"])?.["revision"]);
}
