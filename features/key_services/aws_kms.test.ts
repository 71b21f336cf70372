import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Stanza } from "../../core/contract/key_wrapper.ts";
import { nobleEngine } from "../../engines/noble/noble_engine.ts";
import { ascii } from "../../testing/core/samples.ts";
import { AwsKmsStage } from "../../testing/features/key_services/aws_kms_stage.ts";
import type { Given } from "../../testing/features/key_services/http_double.ts";
import { errorOf } from "../../testing/features/key_services/stage.ts";
import { SOAK } from "../../testing/tier.ts";
import { doubled, type KeyWrapper, runWrapperConformance } from "../envelopes/mod.ts";
import {
  type AwsKmsOptions,
  KeyServiceError,
  type LendCredential,
  type LentAwsCredentials,
} from "./mod.ts";

const stage = new AwsKmsStage();
const { secrets, envelopes, land, aws, key, signer, service } = stage;

beforeAll(() => aws.start());
afterAll(() => aws.stop());
afterEach(() => stage.clear());

const behind = (options: Partial<AwsKmsOptions> = {}): KeyWrapper => stage.behind(service(options));

describe("a key of AWS KMS", () => {
  it("follows the rules of wrappers behind which it stands, and names its key", async () => {
    const [wrapper, other] = [behind(), behind({ key: aws.addKey() })];
    if (SOAK) expect(await runWrapperConformance({ secrets, wrapper, other })).toEqual([]);
    const [stanza] = await wrapper.wrap(secrets.random(16));
    expect(stanza?.args).toEqual(["lethe/doubled", `aws-kms:${key}`]);
  });

  it("goes on from a stanza that it did not encrypt to one that it did", async () => {
    const wrapper = behind();
    const fileKey = secrets.random(16);
    const [good] = (await wrapper.wrap(fileKey)) as [Stanza];
    const foreign = { ...good, body: good.body.with(-1, (good.body.at(-1) as number) ^ 1) };
    expect((await wrapper.unwrap([foreign, good], land))?.equals(fileKey)).toBe(true);
    expect(await errorOf(wrapper.unwrap([foreign], land))).toMatchObject({ fault: "foreign" });
  });

  it("sends its context, in whatever letters, and opens with the same alone", async () => {
    const inner = envelopes.createIdentity();
    const encryptionContext = { "stage ä€😀": "prod", tenant: '7"\\\n', ["__proto__"]: "own" };
    const wrapper = doubled(inner, service({ encryptionContext }));
    const fileKey = secrets.random(16);
    const stanzas = await wrapper.wrap(fileKey);
    expect((await wrapper.unwrap(stanzas, land))?.equals(fileKey)).toBe(true);
    expect(JSON.parse(`${aws.came[0]?.body}`)).toMatchObject({
      KeyId: key,
      EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      EncryptionContext: encryptionContext,
    });
    for (const options of [{ encryptionContext: { tenant: "8" } }, {}]) {
      const another = doubled(inner, service(options));
      expect(await errorOf(another.unwrap(stanzas, land))).toMatchObject({
        fault: "foreign",
        serviceCode: "InvalidCiphertextException",
      });
    }
  });

  it("signs with temporary credentials, of which the token is sent and the secret key is not", async () => {
    aws.sessionToken = `FwoGZXIvYXdzE${"x".repeat(900)}==`;
    const sessionToken = ascii(aws.sessionToken);
    const credentials = { ...signer(), sessionToken };
    const outer = service({ credentials });
    expect(sessionToken.every((byte) => byte === 0)).toBe(true);
    const wrapper = doubled(envelopes.createIdentity(), outer);
    expect(await wrapper.unwrap(await wrapper.wrap(secrets.random(16)), land)).not.toBeNull();
    expect(await errorOf(behind().wrap(secrets.random(16)))).toMatchObject({
      fault: "denied",
      serviceCode: "UnrecognizedClientException",
    });
    for (const { headers, body } of aws.came) {
      expect(`${JSON.stringify(headers)}${body}`).not.toContain(aws.signer.secretAccessKey);
    }
    // Every engine signs the same.
    const noble = behind({
      credentials: { ...signer(), sessionToken: ascii(aws.sessionToken) },
      engine: nobleEngine(),
    });
    expect(await noble.wrap(secrets.random(16))).toHaveLength(1);
    expect(noble.residue).toContain("hmac-sha256: ");
  });

  it("asks for credentials that are lent at each request, all three together", async () => {
    const lent: LentAwsCredentials[] = [];
    const sets = ["old", "new"].map((sessionToken) => ({
      accessKeyId: aws.signer.accessKeyId,
      secretAccessKey: secrets.adopt(ascii(aws.signer.secretAccessKey)),
      sessionToken: secrets.adopt(ascii(sessionToken)),
    }));
    const credentials: LendCredential<LentAwsCredentials> = async (use) => {
      const set = sets[lent.length] as LentAwsCredentials;
      lent.push(set);
      use(set);
    };
    aws.sessionToken = "new";
    const wrapper = behind({ credentials });
    expect((await errorOf(wrapper.wrap(secrets.random(16)))).fault).toBe("denied");
    expect(await wrapper.wrap(secrets.random(16))).toHaveLength(1);
    expect(lent).toHaveLength(2);
    const own = { accessKeyId: "AKIA", secretAccessKey: secrets.adopt(ascii("s")) };
    for (const wrong of [
      undefined,
      null,
      "text",
      {},
      { ...own, accessKeyId: "A\nB" },
      { ...own, secretAccessKey: undefined },
      { ...own, secretAccessKey: "text" },
      { ...own, secretAccessKey: secrets.adopt(ascii("a b")) },
      { ...own, sessionToken: secrets.adopt(ascii("a\r\nb: c")) },
      Object.create(own),
    ]) {
      const faulty = behind({ credentials: (use) => use(wrong as never) });
      expect((await errorOf(faulty.wrap(secrets.random(16)))).fault).toBe("credential");
    }
  });

  it.each([
    ["denied", 400, "AccessDeniedException", "AccessDeniedException"],
    ["denied", 403, "com.amazon.coral.service#ExpiredTokenException", "ExpiredTokenException"],
    ["missing", 400, "NotFoundException", "NotFoundException"],
    ["disabled", 400, "DisabledException", "DisabledException"],
    ["disabled", 409, "KMSInvalidStateException:http://internal/", "KMSInvalidStateException"],
    ["throttled", 400, "ThrottlingException", "ThrottlingException"],
    ["throttled", 429, "x", null],
    ["unavailable", 500, "KMSInternalException", "KMSInternalException"],
    ["unavailable", 503, "", null],
    ["refused", 400, "InvalidKeyUsageException", "InvalidKeyUsageException"],
    ["refused", 400, "AQoDYXdzEPT0SecretException", null],
    ["refused", 400, "constructor", null],
    ["refused", 400, 7, null],
  ] as const)("is %s by status %d and %s", async (fault, status, type, serviceCode) => {
    aws.trouble = { status, body: { __type: type, message: aws.signer.secretAccessKey } };
    const error = await errorOf(behind().wrap(secrets.random(16)));
    expect(error).toBeInstanceOf(KeyServiceError);
    expect(error).toMatchObject({ code: "ERR_LETHE_WRAPPER", fault, status, serviceCode });
    expect(error.message).not.toContain(aws.signer.secretAccessKey);
    expect(error.message).not.toContain("Secret");
    aws.trouble = { status, body: "", headers: { "x-amzn-errortype": `${type}` } };
    expect(await errorOf(behind().wrap(secrets.random(16)))).toMatchObject({ fault, serviceCode });
  });

  it("takes what the service does when a key is off or gone, the secret key is another, or the clock is wrong", async () => {
    const wrapper = behind();
    const fileKey = secrets.random(16);
    const stanzas = await wrapper.wrap(fileKey);
    const own = aws.keys.get(key) as { state: string };
    for (const [state, code] of [
      ["Disabled", "DisabledException"],
      ["PendingDeletion", "KMSInvalidStateException"],
    ] as const) {
      own.state = state;
      const error = await errorOf(wrapper.unwrap(stanzas, land));
      expect(error).toMatchObject({ fault: "disabled", serviceCode: code });
    }
    own.state = "Enabled";
    const gone = behind({ key: key.replace(/.$/, (last) => (last === "0" ? "1" : "0")) });
    expect((await errorOf(gone.wrap(fileKey))).serviceCode).toBe("NotFoundException");
    const credentials = { ...signer(), secretAccessKey: ascii("another") };
    const stranger = behind({ credentials });
    expect((await errorOf(stranger.wrap(fileKey))).serviceCode).toBe("InvalidSignatureException");
    aws.ahead = 400_000;
    expect((await errorOf(wrapper.wrap(fileKey))).message).toMatch(/or the clock is wrong/);
  });

  const body = (change: Record<string, unknown>) => (good: Given) => ({
    ...good,
    body: { ...(good.body as object), ...change },
  });

  it.each([
    ["malformed", { CiphertextBlob: undefined, Plaintext: undefined }],
    ["malformed", { CiphertextBlob: "", Plaintext: "" }],
    ["malformed", { CiphertextBlob: "*", Plaintext: "*" }],
    ["malformed", { CiphertextBlob: "QUI", Plaintext: "QUI" }],
    ["malformed", { CiphertextBlob: ["QUJD"], Plaintext: {} }],
    ["malformed", { __type: "NotFoundException" }],
    ["mismatched", { KeyId: undefined }],
    ["mismatched", { KeyId: "arn:aws:kms:eu-central-1:111122223333:key/another" }],
    ["mismatched", { KeyId: ["x"] }],
    ["mismatched", { EncryptionAlgorithm: "RSAES_OAEP_SHA_256" }],
  ] as const)("refuses as %s an answer with %j", async (fault, change) => {
    const wrapper = behind();
    const stanzas = await wrapper.wrap(secrets.random(16));
    aws.trouble = body(change);
    for (const call of [
      () => wrapper.wrap(secrets.random(16)),
      () => wrapper.unwrap(stanzas, land),
    ]) {
      expect(await errorOf(call())).toMatchObject({ fault, status: 200 });
    }
    // One without the algorithm is of an older version of the API.
    aws.trouble = body({ EncryptionAlgorithm: undefined });
    expect(await wrapper.wrap(secrets.random(16))).toHaveLength(1);
  });
});
