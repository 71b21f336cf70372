import { outOfRange, wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { bare, type Json, optional } from "../../core/arguments/own.ts";
import { checkOpen } from "../../core/check_open.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import type { EngineOption } from "../../core/engine_choice.ts";
import { enginesOfSecrets } from "../../core/engines.ts";
import { wallNow } from "../../core/globals.ts";
import { fromPaddedBase64, toPaddedBase64 } from "../envelopes/base64.ts";
import type { View } from "../envelopes/bytes.ts";
import { HeldKeyService, type KeyService } from "../envelopes/key_service.ts";
import { Asker, type Question } from "./asker.ts";
import {
  type AwsCredentials,
  HeldAwsCredentials,
  type LentAwsCredentials,
} from "./aws_credentials.ts";
import { bodyOfAws } from "./aws_errors.ts";
import { type LendCredential, withHeader, withLent } from "./credential.ts";
import { foreignOr, jsonBytes, malformedAnswer, mismatched, type Said } from "./exchange.ts";
import type { KeyServiceVerb } from "./key_service_error.ts";
import {
  COMMON,
  checkAddress,
  checkCommon,
  checkSecrets,
  checkText,
  type KeyServiceOptions,
} from "./options.ts";
import { type SigningContext, signingTime, signV4 } from "./signature_v4.ts";

/** A symmetric key of AWS KMS. */
export interface AwsKmsOptions extends KeyServiceOptions, EngineOption {
  /**
   * The ARN of the key: `arn:aws:kms:REGION:ACCOUNT:key/ID`. No alias, which somebody could point to another key: each answer must be of
   * this key. Its region is that of the request.
   */
  readonly key: string;
  /** What signs: bytes, or a function that lends all of them for each request, as temporary ones that change. */
  readonly credentials: AwsCredentials | LendCredential<LentAwsCredentials>;
  /**
   * What KMS binds to the ciphertext: up to 100 names and values, 8 KiB in all. To open takes the same. Public: CloudTrail logs it.
   */
  readonly encryptionContext?: Readonly<Record<string, string>>;
  /** An address of KMS, as of a VPC endpoint: `https://HOST`. Default: the public one of the region. */
  readonly endpoint?: string;
}

const VERB = "open AWS KMS service";
const NAMES: readonly (keyof AwsKmsOptions & string)[] = [
  ...(["key", "credentials", "encryptionContext", "endpoint", "engine"] as const),
  ...COMMON,
];
const ARN =
  /^arn:(aws|aws-cn|aws-us-gov|aws-[a-z-]{1,20}):kms:([a-z0-9-]{1,40}):\d{12}:key\/[\w-]{1,64}$/;
const DOMAINS: Readonly<Record<string, string>> = bare({
  aws: "amazonaws.com",
  "aws-us-gov": "amazonaws.com",
  "aws-cn": "amazonaws.com.cn",
});
const TYPE = "application/x-amz-json-1.1";
const ALGORITHM = "SYMMETRIC_DEFAULT";
const MOST_BYTES = 4096;

/**
 * Opens a key of AWS KMS, for {@link doubled} alone. Synchronous; it asks nothing yet. The secret access key signs in secret memory and is
 * not sent.
 *
 * Not run against the real service: it was run against a double of the published API.
 *
 * @throws {TypeError | RangeError} for a wrong option
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when no engine can be loaded, with the reasons
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { doubled, openEnvelopes } from "lethe/envelopes";
 * import { openAwsKmsService } from "lethe/key-services";
 *
 * const secrets = openSecrets();
 * const identity = openEnvelopes(secrets).createIdentity();
 * const secretAccessKey = secrets.encode(secrets.random(30), "base64"); // a real one comes from lethe/sources
 * const service = openAwsKmsService(secrets, {
 *   key: "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
 *   credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey },
 *   encryptionContext: { purpose: "envelopes" },
 * });
 * console.log(doubled(identity, service).version); // null: KMS names none
 * for (const one of [service, identity, secretAccessKey]) one.destroy();
 * ```
 */
export function openAwsKmsService(secrets: Secrets, options: AwsKmsOptions): KeyService {
  checkSecrets(secrets, VERB);
  const own = readOptions(options, VERB, NAMES);
  const { key, encryptionContext } = own;
  checkText(key, VERB, "key", ARN, "the ARN of a key: arn:aws:kms:REGION:ACCOUNT:key/ID, no alias");
  const [, partition = "", region = ""] = ARN.exec(key) ?? [];
  const domain = optional(DOMAINS, partition);
  const endpoint =
    own.endpoint ?? (domain === undefined ? undefined : `https://kms.${region}.${domain}`);
  const origin = checkAddress(endpoint, VERB, "endpoint", own.httpOnLoopback);
  const settings = checkCommon(own, VERB);
  const context = encryptionContext === undefined ? null : checkContext(encryptionContext);
  const { engine } = enginesOfSecrets(secrets)
    .choosing(own.engine, VERB)
    .choose({ verb: VERB, operations: ["hmac-sha256"] });
  const credentials = new HeldAwsCredentials(secrets, own.credentials, VERB);
  const name = `aws-kms:${key}`;
  const asker = new Asker(name, settings);
  const bound = {
    KeyId: key,
    EncryptionAlgorithm: ALGORITHM,
    ...(context === null ? {} : { EncryptionContext: context }),
  };
  const ask = <T>(verb: KeyServiceVerb, what: Json, read: (json: Json, said: Said) => T) => {
    const target = `TrentService.${verb === "wrap file key" ? "Encrypt" : "Decrypt"}`;
    const body = jsonBytes({ ...what, ...bound });
    const question: Question = { verb, url: `${origin}/`, body, types: [TYPE] };
    return asker.ask({
      question,
      send: (signal, use) =>
        credentials.use(signal, (lent) => {
          checkOpen(secrets, "use credentials");
          return use(signedHeaders({ secrets, engine }, lent, { region, target, origin, body }));
        }),
      read(answer) {
        const said = { verb, name, status: answer.status };
        const json = bodyOfAws(answer, said);
        const algorithm = json["EncryptionAlgorithm"] ?? ALGORITHM;
        if (json["KeyId"] === key && algorithm === ALGORITHM) return read(json, said);
        throw mismatched(said, "its answer is of another key or algorithm");
      },
    });
  };
  const left = optional(engine.residue, "hmac-sha256");
  return new HeldKeyService({
    name,
    version: null,
    residue: left === undefined ? RESIDUE : `${RESIDUE}; hmac-sha256: ${left}`,
    hasVersions: false,
    mostBytes: MOST_BYTES,
    encrypt: (bytes) =>
      ask("wrap file key", { Plaintext: toPaddedBase64(bytes) }, (json, said) => ({
        body: bytesOf(json["CiphertextBlob"], said),
        version: null,
      })),
    decrypt(body) {
      const asked = { CiphertextBlob: toPaddedBase64(body) };
      return foreignOr(
        ask("unwrap file key", asked, (json, said) => bytesOf(json["Plaintext"], said)),
      );
    },
    destroy() {
      asker.destroy();
      credentials.destroy();
    },
  });
}

const RESIDUE =
  "nothing of the secret access key; each request makes a string of a session token, of which fetch keeps copies in this process, some three on Node.js and two on Deno and Bun";

function bytesOf(value: unknown, said: Said): View {
  const bytes = fromPaddedBase64(value);
  if (bytes === null) throw malformedAnswer(said);
  return bytes;
}

/** What is asked, as far as it is signed. */
interface Signing {
  readonly region: string;
  readonly target: string;
  readonly origin: string;
  readonly body: View;
}

function signedHeaders(
  context: SigningContext,
  { accessKeyId, secretAccessKey, sessionToken }: LentAwsCredentials,
  { region, target, origin, body }: Signing,
): Record<string, string> {
  const time = signingTime(wallNow());
  const { host } = new URL(origin);
  const sign = (token: Uint8Array | null): string =>
    withLent(secretAccessKey, "secretAccessKey", (secretKey) =>
      signV4(context, secretKey, {
        ...{ accessKeyId, region, service: "kms", time, body },
        headers: [
          ["content-type", TYPE],
          ["host", host],
          ["x-amz-date", time],
          ...(token === null ? [] : [["x-amz-security-token", token] as const]),
          ["x-amz-target", target],
        ],
      }),
    );
  const headers = { "content-type": TYPE, "x-amz-date": time, "x-amz-target": target };
  if (sessionToken === undefined) return bare({ ...headers, authorization: sign(null) });
  const authorization = withLent(sessionToken, "sessionToken", sign);
  return withHeader(context.secrets, sessionToken, "", "sessionToken", (text) =>
    bare({ ...headers, authorization, "x-amz-security-token": text }),
  );
}

/** A copy, without a prototype. */
function checkContext(given: unknown): Readonly<Record<string, string>> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw wrongKind(`Cannot ${VERB} as encryptionContext must be an object of text`, given);
  }
  const entries = Object.entries(given);
  const isText = (value: unknown): boolean =>
    typeof value === "string" && value.length > 0 && !/\p{Surrogate}/u.test(value);
  if (!entries.every(([name, value]) => isText(name) && isText(value))) {
    throw wrongType(
      `Cannot ${VERB} as each name and value of encryptionContext must be text that is not empty`,
    );
  }
  const context = bare(Object.fromEntries(entries) as Record<string, string>);
  const { length } = jsonBytes(context);
  if (entries.length >= 1 && entries.length <= 100 && length <= 8192) return context;
  throw outOfRange(
    `Cannot ${VERB} as encryptionContext must have 1 to 100 names and at most 8192 bytes: it has ${entries.length} and ${length}`,
  );
}
