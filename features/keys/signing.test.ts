import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { copy } from "../../testing/features/keys/tools.ts";
import { SOAK } from "../../testing/tier.ts";
import { parseKey } from "./mod.ts";
import { checkSigningKey, signatureLength, signMessage } from "./signing.ts";

const secrets = openSecrets({ memory: "heap" });
afterAll(() => secrets.purge());

type Type = "p256" | "p384" | "p521" | "rsa";

function sign(type: Type, secretKey: Uint8Array<ArrayBuffer>, message: Uint8Array): Buffer {
  const signature = new Uint8Array(signatureLength(type, secretKey));
  const key = { type, secretKey, hash: "sha256", padding: "pkcs1" } as const;
  signMessage(secrets, key, message, signature);
  return Buffer.from(signature);
}

/** RFC 6979, appendix A.2.5 to A.2.7, of the messages "sample" and "test". */
const VECTORS = [
  [
    "p256",
    "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
    [
      "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
      "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
    ],
  ],
  [
    "p384",
    "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5",
    [
      "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE4699EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8",
      "8203B63D3C853E8D77227FB377BCF7B7B772E97892A80F36AB775D509D7A5FEB0542A7F0812998DA8F1DD3CA3CF023DBDDD0760448D42D8A43AF45AF836FCE4DE8BE06B485E9B61B827C2F13173923E06A739F040649A667BF3B828246BAA5A5",
    ],
  ],
  [
    "p521",
    "00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75CAA896EB32F1F47C70855836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538",
    [
      "00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A",
      "013E99020ABF5CEE7525D16B69B229652AB6BDF2AFFCAEF38773B4B7D08725F10CDB93482FDCC54EDCEE91ECA4166B2A7C6265EF0CE2BD7051B7CEF945BABD47EE6D01FBD0013C674AA79CB39849527916CE301C66EA7CE8B80682786AD60F98F7E78A19CA69EFF5C57400E3B3A0AD66CE0978214D13BAF4E9AC60752F7B155E2DE4DCE3",
    ],
  ],
] as const;

describe("signatures", () => {
  it.each(VECTORS)("%s: those of RFC 6979", (type, scalar, expected) => {
    const secretKey = copy(Buffer.from(scalar, "hex"));
    const made = ["sample", "test"].map((message) => sign(type, secretKey, Buffer.from(message)));
    expect(made.map((signature) => signature.toString("hex").toUpperCase())).toEqual(expected);
  });

  // 300 rounds take some 9 minutes of a busy machine.
  it("are verified by OpenSSL, of random keys", { timeout: SOAK ? 300_000 : 60_000 }, () => {
    for (let round = 0; round < (SOAK ? 50 : 1); round++) {
      const message = node.randomBytes(round * 37);
      for (const [type, curve, hash] of [
        ["p256", "P-256", "sha256"],
        ["p384", "P-384", "sha384"],
        ["p521", "P-521", "sha512"],
      ] as const) {
        const { privateKey, publicKey } = node.generateKeyPairSync("ec", { namedCurve: curve });
        const { secretKey } = parseKey(
          secrets,
          copy(privateKey.export({ type: "pkcs8", format: "der" })),
        );
        const made = secretKey.expose((bytes) =>
          sign(type, bytes as Uint8Array<ArrayBuffer>, message),
        );
        const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
        expect(node.verify(hash, message, key, made)).toBe(true);
      }
    }
  });
});

describe("a key", () => {
  const code = (run: () => unknown): unknown => {
    try {
      run();
      return null;
    } catch (error) {
      return (error as { code?: string; name: string }).code ?? (error as Error).name;
    }
  };

  it("that is short, long, zero or beyond the order is not taken", () => {
    const check = (type: Type, bytes: Uint8Array<ArrayBuffer>): unknown =>
      code(() => checkSigningKey(secrets, type, bytes));
    expect(check("p256", new Uint8Array(31).fill(1))).toBe("RangeError");
    expect(check("p384", new Uint8Array(49).fill(1))).toBe("RangeError");
    expect(check("p256", new Uint8Array(32))).toBe("ERR_LETHE_KEY_INVALID");
    expect(check("p521", new Uint8Array(66).fill(255))).toBe("ERR_LETHE_KEY_INVALID");
    expect(check("rsa", new Uint8Array(66))).toBe("ERR_LETHE_KEY_DAMAGED");
    const { privateKey: small } = node.generateKeyPairSync("rsa", { modulusLength: 1024 });
    expect(check("rsa", copy(small.export({ type: "pkcs1", format: "der" })))).toBe(
      "ERR_LETHE_UNSUPPORTED",
    );
  });
});
