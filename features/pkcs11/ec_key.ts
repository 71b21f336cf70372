import { joined, type View, within } from "../envelopes/bytes.ts";
import { readPoint } from "../keys/primitives/curve_constants.ts";
import { POINT_BYTES } from "./ecdh.ts";
import { failed } from "./pkcs11_error.ts";

/** The name of P-256 in DER, as CKA_EC_PARAMS has it. */
export const P256: View = joined([6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);

/** What the halves of a pair show of themselves; null where one does not. */
export interface ShownHalf {
  readonly parameters: View | null;
  readonly point: View | null;
}

/**
 * The public point of a pair.
 *
 * @throws {Pkcs11Error} for another curve, for what is no point of it, and where the halves show two points
 */
export function pointOf(halves: readonly ShownHalf[]): View {
  if (halves.some(({ parameters }) => parameters !== null && !same(parameters, P256))) {
    throw failed("the key pair of the URI is of another curve; P-256 can be used here");
  }
  const points = halves.flatMap(({ point }) => (point === null ? [] : [raw(point)]));
  const [point, other] = points;
  if (point === undefined) {
    throw failed("the token does not show the public half of the key; store its public key there");
  }
  if (point.length !== POINT_BYTES || readPoint("p256", point) === null) {
    throw failed("the public half of the key is not a point of P-256; restore the key");
  }
  if (other !== undefined && !same(point, other)) throw notItsPublicHalf();
  return point;
}

export function notItsPublicHalf(): Error {
  return failed(
    "the public key of the URI is not that of its private key, so somebody may have put it there; remove it, or add id",
  );
}

/** An OCTET STRING of DER; some modules give what is in it. */
function raw(point: View): View {
  const isWrapped = point.length === POINT_BYTES + 2 && point[0] === 4 && point[1] === POINT_BYTES;
  return isWrapped ? within(point, 2) : point;
}

function same(one: View, other: View): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
