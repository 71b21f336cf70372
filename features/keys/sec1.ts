import { curveBy } from "./algorithms.ts";
import type { View } from "./bytes.ts";
import { DerReader, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE } from "./der.ts";
import type { ScalarMaterial } from "./material.ts";
import { damaged, explicitCurve, noCurve, otherCurve } from "./refusal.ts";

const PARAMETERS = 0xa0;
const PUBLIC_KEY = 0xa1;

/**
 * ECPrivateKey (RFC 5915).
 *
 * @param known the curve, where what is around it says so
 */
export function parseSec1(der: View, known: ScalarMaterial["type"] | null): ScalarMaterial {
  const outer = new DerReader(der);
  const reader = outer.enter(SEQUENCE);
  outer.end();
  if (reader.small() !== 1) throw damaged("its DER");
  const scalar = reader.read(OCTET_STRING);
  let type = known;
  if (reader.next === PARAMETERS) {
    const parameters = reader.enter(PARAMETERS);
    if (parameters.next !== OBJECT_IDENTIFIER) throw explicitCurve();
    const curve = curveBy("oid", parameters.read(OBJECT_IDENTIFIER));
    parameters.end();
    if (curve === undefined) throw otherCurve();
    if (known !== null && known !== curve.type) throw damaged("its DER");
    type = curve.type;
  }
  if (type === null) throw noCurve();
  let stated: View | null = null;
  if (reader.next === PUBLIC_KEY) {
    const inner = reader.enter(PUBLIC_KEY);
    stated = inner.bits();
    inner.end();
  }
  reader.end();
  return { type, scalar, stated };
}
