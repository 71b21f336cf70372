import { LetheError } from "../../core/contract/errors.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { curveNamed } from "./algorithms.ts";
import { type View, within } from "./bytes.ts";
import { type NistCurve, readPoint } from "./primitives/curve_constants.ts";
import { SHARED_POINT_ROOM, sharedPoint } from "./primitives/nist_point.ts";
import { roundUp, withWorkspace } from "./primitives/workspace.ts";
import { invalid } from "./refusal.ts";

/** How many bytes two keys of a curve have in common: those of a coordinate. */
export function sharedLength(curve: NistCurve): number {
  return curveNamed(curve).byteLength;
}

/**
 * ECDH (SEC 1, section 3.3.1; NIST SP 800-56A, section 5.7.1.2): the first coordinate of the point that
 * both owners compute, not hashed.
 *
 * @param secretKey the scalar, as {@link PrivateKey} has it
 * @param publicKey of the other side: a point, compressed or not
 * @param shared gets {@link sharedLength} bytes
 * @throws {LetheError} `ERR_LETHE_FORGED` for what is not a point of the curve, which could ask the scalar out;
 * `ERR_LETHE_KEY_INVALID` for what is not a scalar
 */
export function agreeByPoint(
  secrets: Secrets,
  curve: NistCurve,
  secretKey: View,
  publicKey: Uint8Array,
  shared: View,
): void {
  const peer = peerPoint(curve, publicKey);
  withWorkspace(secrets, SHARED_POINT_ROOM + roundUp(peer.length), (space) => {
    const point = space.bytes(peer.length);
    if (!sharedPoint(curve, secretKey, peer, point, space)) {
      throw invalid(`it is not a scalar of ${curve}; restore or make the key`, "agree");
    }
    shared.set(within(point, 1, 1 + shared.length));
  });
}

/** The point of a peer, not compressed. @throws {LetheError} `ERR_LETHE_FORGED` for what is not on the curve */
export function peerPoint(curve: NistCurve, publicKey: Uint8Array): View {
  const peer = readPoint(curve, publicKey);
  if (peer !== null) return peer;
  throw new LetheError(
    "ERR_LETHE_FORGED",
    `Cannot agree: publicKey is not a point of ${curve}, which no honest party sends; reject the peer`,
  );
}
