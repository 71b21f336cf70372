import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { copy } from "../../testing/features/keys/tools.ts";
import { SOAK } from "../../testing/tier.ts";
import { agreeByPoint, sharedLength } from "./agreement.ts";

const secrets = openSecrets({ memory: "heap" });
afterAll(() => secrets.purge());

const CURVES = [
  ["p256", "prime256v1"],
  ["p384", "secp384r1"],
  ["p521", "secp521r1"],
] as const;
type Curve = (typeof CURVES)[number][0];

function agree(curve: Curve, scalar: Uint8Array, point: Uint8Array): Buffer {
  const shared = copy(Buffer.alloc(sharedLength(curve), 1));
  agreeByPoint(secrets, curve, copy(scalar), point, shared);
  return Buffer.from(shared);
}

/** The scalar of a fresh pair, as long as a coordinate. */
function scalarOf(ecdh: node.ECDH, curve: Curve): Buffer {
  const scalar = ecdh.getPrivateKey();
  return Buffer.concat([Buffer.alloc(sharedLength(curve) - scalar.length), scalar]);
}

/** RFC 5903, sections 8.1 to 8.3: a scalar, the other public point and what they have in common. */
const VECTORS = [
  [
    "p256",
    "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433",
    "D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63",
    "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB",
    "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE",
  ],
] as const;

describe("a shared secret", () => {
  it.each(VECTORS)("%s: is that of RFC 5903", (curve, scalar, x, y, expected) => {
    const made = agree(curve, Buffer.from(scalar, "hex"), Buffer.from(`04${x}${y}`, "hex"));
    expect(made.toString("hex").toUpperCase()).toBe(expected);
  });

  it.each(SOAK ? CURVES : CURVES.slice(0, 2))(
    "%s: is that of OpenSSL in both directions, with points compressed or not",
    { timeout: 1_800_000 },
    (curve, name) => {
      for (let round = 0; round < (SOAK ? 500 : 1); round++) {
        const [ours, theirs] = [node.createECDH(name), node.createECDH(name)];
        ours.generateKeys();
        theirs.generateKeys();
        const form = round % 2 === 0 ? "uncompressed" : "compressed";
        const made = agree(curve, scalarOf(ours, curve), theirs.getPublicKey(null, form));
        expect(made).toEqual(theirs.computeSecret(ours.getPublicKey()));
        if (SOAK) expect(agree(curve, scalarOf(theirs, curve), ours.getPublicKey())).toEqual(made);
      }
    },
  );

  it("is computed with no point off the curve, and by no key beyond the order", () => {
    const ecdh = node.createECDH("prime256v1");
    ecdh.generateKeys();
    const [scalar, point] = [scalarOf(ecdh, "p256"), ecdh.getPublicKey()];
    const refused = (code: string) => expect.objectContaining({ code });
    const bad = [
      Buffer.concat([point.subarray(0, 64), Buffer.of((point[64] as number) ^ 1)]),
      Buffer.concat([Buffer.of(4), Buffer.alloc(64, 255)]),
      Buffer.alloc(65),
      Buffer.of(0),
      point.subarray(0, 64),
      node.createECDH("secp384r1").generateKeys(),
    ];
    for (const wrong of bad) {
      expect(() => agree("p256", scalar, wrong)).toThrow(refused("ERR_LETHE_FORGED"));
    }
    for (const wrong of [Buffer.alloc(32), Buffer.alloc(32, 255)]) {
      expect(() => agree("p256", wrong, point)).toThrow(refused("ERR_LETHE_KEY_INVALID"));
    }
    expect(secrets.stats.live).toBe(0);
  });
});
