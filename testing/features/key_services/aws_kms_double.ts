// A double of AWS KMS: Encrypt and Decrypt as its API publishes them, with signatures, no more.
import { randomBytes, randomUUID } from "node:crypto";
import {
  base64Of,
  type Came,
  fieldsFault,
  type Given,
  gcmOpen,
  gcmSeal,
  HttpDouble,
} from "./http_double.ts";
import { type Signer, signatureFault } from "./signature.ts";

interface AwsKey {
  readonly bytes: Buffer;
  state: "Enabled" | "Disabled" | "PendingDeletion";
}

const ALGORITHM = "SYMMETRIC_DEFAULT";
const error = (code: string, status: number = 400): Given => ({
  status,
  body: { __type: code, message: "a text that nobody should rely on" },
});

export class AwsKmsDouble extends HttpDouble {
  override readonly type: string = "application/x-amz-json-1.1";
  readonly region = "eu-central-1";
  readonly signer: Signer = {
    accessKeyId: `AKIA${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64"),
  };
  /** What temporary credentials must send. */
  sessionToken: string | null = null;
  /** Milliseconds that its clock is ahead. */
  ahead = 0;
  readonly keys: Map<string, AwsKey> = new Map();

  /** @returns its ARN */
  addKey(): string {
    const arn = `arn:aws:kms:${this.region}:111122223333:key/${randomUUID()}`;
    this.keys.set(arn, { bytes: randomBytes(32), state: "Enabled" });
    return arn;
  }

  override answer(came: Came): Given {
    const { method, path, headers, body } = came;
    if (method !== "POST" || path !== "/") return error("UnknownOperationException", 404);
    const fault = signatureFault(came, this.signer, this.region, "kms", Date.now() + this.ahead);
    if (fault !== null) return error(fault);
    if ((headers["x-amz-security-token"] ?? null) !== this.sessionToken) {
      return error("UnrecognizedClientException");
    }
    if (headers["content-type"] !== this.type) return error("SerializationException");
    const asked = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
    if (headers["x-amz-target"] === "TrentService.Encrypt") return this.#encrypt(asked);
    if (headers["x-amz-target"] === "TrentService.Decrypt") return this.#decrypt(asked);
    return error("UnknownOperationException");
  }

  #encrypt(asked: Readonly<Record<string, unknown>>): Given {
    const fields = fieldsFault(
      asked,
      ["KeyId", "Plaintext"],
      ["EncryptionContext", "EncryptionAlgorithm"],
    );
    const plaintext = base64Of(asked["Plaintext"]);
    if (fields !== null || plaintext === null) return error("SerializationException");
    if (plaintext.length < 1 || plaintext.length > 4096) return error("ValidationException");
    const id = `${asked["KeyId"]}`;
    const key = this.#usable(id);
    if ("status" in key) return key;
    const sealed = gcmSeal(key.bytes, plaintext, contextOf(asked));
    const blob = Buffer.concat([Buffer.from([id.length]), Buffer.from(id), sealed]);
    return this.#good({ CiphertextBlob: blob.toString("base64"), KeyId: id });
  }

  #decrypt(asked: Readonly<Record<string, unknown>>): Given {
    const fields = fieldsFault(
      asked,
      ["CiphertextBlob"],
      ["KeyId", "EncryptionContext", "EncryptionAlgorithm"],
    );
    const blob = base64Of(asked["CiphertextBlob"]);
    if (fields !== null || blob === null) return error("SerializationException");
    const idLength = blob[0] ?? 0;
    const id = blob.subarray(1, 1 + idLength).toString();
    if (!this.keys.has(id)) return error("InvalidCiphertextException");
    if (asked["KeyId"] !== undefined && asked["KeyId"] !== id)
      return error("IncorrectKeyException");
    const key = this.#usable(id);
    if ("status" in key) return key;
    const plaintext = gcmOpen(key.bytes, blob.subarray(1 + idLength), contextOf(asked));
    if (plaintext === null) return error("InvalidCiphertextException");
    return this.#good({ KeyId: id, Plaintext: plaintext.toString("base64") });
  }

  #usable(id: string): AwsKey | Given {
    const key = this.keys.get(id);
    if (key === undefined) return error("NotFoundException");
    if (key.state === "Disabled") return error("DisabledException");
    return key.state === "Enabled" ? key : error("KMSInvalidStateException", 409);
  }

  #good(body: Readonly<Record<string, unknown>>): Given {
    const headers = { "x-amzn-requestid": randomUUID() };
    return { status: 200, body: { ...body, EncryptionAlgorithm: ALGORITHM }, headers };
  }
}

/** Whatever the order of its names. */
function contextOf(asked: Readonly<Record<string, unknown>>): Buffer {
  const context = (asked["EncryptionContext"] ?? {}) as Readonly<Record<string, string>>;
  return Buffer.from(JSON.stringify(Object.entries(context).sort()));
}
