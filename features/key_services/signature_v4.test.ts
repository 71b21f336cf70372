import { describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { ascii } from "../../testing/core/samples.ts";
import { openEngines } from "../../testing/features/crypto/engines.ts";
import { slowCrc32c } from "../../testing/features/key_services/gcp_kms_double.ts";
import { signatureOf } from "../../testing/features/key_services/signature.ts";
import { crc32c } from "./crc32c.ts";
import { type SignedRequest, signingTime, signV4 } from "./signature_v4.ts";

const secrets = openSecrets({ memory: "heap" });

/** The credentials of the test suite that AWS publishes. */
const SIGNER = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const TIME = "20150830T123600Z";
const HOST = ["host", "example.amazonaws.com"] as const;
const DATE = ["x-amz-date", TIME] as const;
const SESSION =
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

/** Those of the suite that are a POST to / without a query. */
const SUITE: readonly (readonly [string, SignedRequest["headers"], string, string])[] = [
  [
    "post-vanilla",
    [HOST, DATE],
    "",
    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  ],
  [
    "post-header-key-sort",
    [HOST, ["my-header1", "value1"], DATE],
    "",
    "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
  ],
  [
    "post-sts-header-before",
    [HOST, DATE, ["x-amz-security-token", ascii(SESSION)]],
    "",
    "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
  ],
  [
    "post-x-www-form-urlencoded",
    [["content-type", "application/x-www-form-urlencoded"], HOST, DATE],
    "Param1=value1",
    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  ],
  [
    "post-x-www-form-urlencoded, with its length and its hash",
    [
      ["content-length", "13"],
      ["content-type", "application/x-www-form-urlencoded"],
      HOST,
      ["x-amz-content-sha256", "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"],
      DATE,
    ],
    "Param1=value1",
    "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
  ],
];

describe("AWS Signature Version 4", () => {
  it.each(SUITE)("is that of the published suite: %s", async (_name, headers, body, signature) => {
    const before = secrets.stats.live;
    for (const engine of await openEngines()) {
      const said = signV4({ secrets, engine }, ascii(SIGNER.secretAccessKey), {
        accessKeyId: SIGNER.accessKeyId,
        region: "us-east-1",
        service: "service",
        time: TIME,
        headers,
        body: ascii(body),
      });
      expect(said).toBe(
        `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${headers.map(([name]) => name).join(";")}, Signature=${signature}`,
      );
    }
    expect(secrets.stats.live).toBe(before);
  });

  it.each(SUITE)(
    "is so by the double, which shares no code: %s",
    (_name, headers, body, signature) => {
      const texts = headers.map(([name, value]) => [name, Buffer.from(value as string).toString()]);
      const came = {
        method: "POST",
        path: "/",
        headers: Object.fromEntries(texts) as Record<string, string>,
        body: Buffer.from(body),
      };
      const names = headers.map(([name]) => name);
      const scope = ["20150830", "us-east-1", "service"] as const;
      expect(signatureOf(came, names, SIGNER, scope)).toBe(signature);
    },
  );

  it("writes a moment as signatures have it", () => {
    expect(signingTime(Date.UTC(2015, 7, 30, 12, 36, 0, 999))).toBe(TIME);
  });
});

describe("CRC-32C", () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, at) => at);
  // RFC 3720, appendix B.4, where the bytes of each are printed in the order of the wire.
  const PDU = Buffer.from(
    "01c000000000000000000000000000001400000000000400" +
      "000000140000001828000000000000000200000000000000",
    "hex",
  );
  it.each([
    ["32 bytes of zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 bytes of ones", new Uint8Array(32).fill(255), 0x62a8ab43],
    ["32 bytes that ascend", ascending, 0x46dd794e],
    ["32 bytes that descend", ascending.toReversed(), 0x113fdb5c],
    ["a SCSI read of iSCSI", PDU, 0xd9963a56],
    ["the digits 1 to 9", ascii("123456789"), 0xe3069283],
    ["nothing", new Uint8Array(0), 0],
  ])("is that of RFC 3720 for %s", (_what, message, sum) => {
    expect(crc32c(message)).toBe(sum);
    expect(slowCrc32c(message)).toBe(`${sum}`);
  });
});
