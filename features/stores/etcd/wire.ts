export {
  fromPaddedBase64 as fromBase64,
  toPaddedBase64 as toBase64,
} from "../../envelopes/base64.ts";

/** 64-bit numbers are text in the JSON of gRPC. Revisions are positive; a lease may be negative. */
export function numberOf(value: unknown): string | null {
  return typeof value === "string" && /^-?[1-9]\d{0,18}$/.test(value) ? value : null;
}
