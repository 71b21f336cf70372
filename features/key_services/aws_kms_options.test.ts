import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ascii } from "../../testing/core/samples.ts";
import { AwsKmsStage } from "../../testing/features/key_services/aws_kms_stage.ts";
import { errorOf } from "../../testing/features/key_services/stage.ts";
import { doubled } from "../envelopes/mod.ts";
import { openAwsKmsService } from "./mod.ts";

const stage = new AwsKmsStage();
const { secrets, envelopes, aws, signer, service } = stage;

beforeAll(() => aws.start());
afterAll(() => aws.stop());
afterEach(() => stage.clear());

describe("a key of AWS KMS", () => {
  it("asks the public address of the region of its key, where there is one", async () => {
    const urls: string[] = [];
    const fetch = async (url: string) => {
      urls.push(url);
      return await Promise.reject(new Error("none"));
    };
    const arn = (partition: string): string => `arn:${partition}:kms:eu-x-1:111122223333:key/1`;
    const open = (partition: string) =>
      openAwsKmsService(secrets, {
        key: arn(partition),
        credentials: signer(),
        fetch,
        retries: 0,
      });
    for (const partition of ["aws", "aws-us-gov", "aws-cn"]) {
      const wrapper = doubled(envelopes.createIdentity(), open(partition));
      await errorOf(wrapper.wrap(secrets.random(16)));
    }
    expect(urls).toEqual([
      "https://kms.eu-x-1.amazonaws.com/",
      "https://kms.eu-x-1.amazonaws.com/",
      "https://kms.eu-x-1.amazonaws.com.cn/",
    ]);
    expect(() => open("aws-iso")).toThrow(/as endpoint must be https/);
  });

  it.each([
    [
      "key",
      [
        "",
        "alias/a",
        "1234",
        "arn:aws:kms:eu-x-1:111122223333:alias/a",
        "arn:aws:s3:::b",
        7,
        undefined,
      ],
    ],
    [
      "encryptionContext",
      [
        {},
        [],
        "a",
        { a: 1 },
        { a: "" },
        { "": "a" },
        { a: "\ud800" },
        { a: "x".repeat(8200) },
        null,
      ],
    ],
    ["endpoint", ["http://10.0.0.1", "https://a/b", 7]],
    ["engine", [7, {}]],
    [
      "credentials",
      [
        undefined,
        null,
        "text",
        {},
        { accessKeyId: "A" },
        { accessKeyId: "A\nB", secretAccessKey: new Uint8Array(3).fill(65) },
        { accessKeyId: "A", secretAccessKey: "text" },
        { accessKeyId: "A", secretAccessKey: () => undefined },
        { accessKeyId: "A", secretAccessKey: new Uint8Array(3).fill(65), sessionToken: "text" },
        { accessKeyId: "A", secretAccessKey: new Uint8Array(3).fill(65), region: "x" },
      ],
    ],
  ])("refuses %s of another form, and keeps nothing", (name, values) => {
    const live = secrets.stats.live;
    for (const value of values) {
      expect(() => service({ [name]: value } as never)).toThrow(/^Cannot open AWS KMS service as /);
    }
    expect(secrets.stats.live).toBe(live);
  });

  it("wipes the two secrets that it was given, and leaves both as they were where one is refused", () => {
    const [secretAccessKey, sessionToken] = [ascii("secret"), ascii("session")];
    const open = (token: unknown): unknown =>
      service({
        credentials: { accessKeyId: "A", secretAccessKey, sessionToken: token as Uint8Array },
      });
    for (const wrong of ["text", ascii("a b"), () => undefined]) {
      expect(() => open(wrong)).toThrow(/credentials\.sessionToken/);
      expect(secretAccessKey).toEqual(ascii("secret"));
    }
    open(sessionToken);
    expect([...secretAccessKey, ...sessionToken].every((byte) => byte === 0)).toBe(true);
  });

  it("is asked over http, on a loopback address too, only where that was allowed", () => {
    expect(() => service({ httpOnLoopback: false })).toThrow(/as endpoint must have https/);
  });
});
