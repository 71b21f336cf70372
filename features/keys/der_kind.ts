import { LetheError } from "../../core/contract/errors.ts";
import type { View } from "./bytes.ts";
import { BIT_STRING, DerReader, INTEGER, OCTET_STRING, SEQUENCE } from "./der.ts";

/** What a DER sequence is, by its first elements. Null: it is none, or none that is as long as the bytes. */
export type DerKind =
  | "pkcs8"
  | "sec1"
  | "pkcs1"
  | "encrypted"
  | "public"
  | "pkcs1-public"
  | "store";

export function derKind(bytes: View): DerKind | null {
  try {
    return kindOfSequence(bytes);
  } catch (error) {
    if (error instanceof LetheError) return null;
    throw error;
  }
}

function kindOfSequence(bytes: View): DerKind | null {
  const outer = new DerReader(bytes);
  const reader = outer.enter(SEQUENCE);
  if (!outer.done) return null;
  const first = reader.next;
  if (first === SEQUENCE) {
    reader.read(SEQUENCE);
    return reader.next === OCTET_STRING
      ? "encrypted"
      : reader.next === BIT_STRING
        ? "public"
        : null;
  }
  if (first !== INTEGER) return null;
  const version = reader.small();
  if (reader.next === SEQUENCE) return version === 3 ? "store" : "pkcs8";
  if (reader.next === OCTET_STRING) return "sec1";
  if (reader.next !== INTEGER) return null;
  reader.read(INTEGER);
  return reader.done ? "pkcs1-public" : "pkcs1";
}
