import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { bare, type Json, recordOf } from "../../core/arguments/own.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { fromPaddedBase64, toPaddedBase64 } from "../envelopes/base64.ts";
import type { View } from "../envelopes/bytes.ts";
import type { KeyService } from "../envelopes/key_service.ts";
import type { Answer } from "./answer.ts";
import { crc32c } from "./crc32c.ts";
import type { Credential } from "./credential.ts";
import { malformedAnswer, mismatched, refusal, type Said } from "./exchange.ts";
import { failed } from "./key_service_error.ts";
import {
  COMMON,
  checkAddress,
  checkBound,
  checkCommon,
  checkSecrets,
  checkText,
  type KeyServiceOptions,
} from "./options.ts";
import { TokenService, VERSION } from "./token_service.ts";

/** A symmetric key of Google Cloud KMS. */
export interface GcpKmsOptions extends KeyServiceOptions {
  /** The key: `projects/P/locations/L/keyRings/R/cryptoKeys/K`, without a version. */
  readonly key: string;
  /** An access token of OAuth 2.0: sent as `Authorization: Bearer`. It ends after an hour: pass a function that lends the one of now. */
  readonly token: Credential;
  /** The version to encrypt with: the id of one, from 1 on. To decrypt, the service finds the version itself. Default: the primary one. */
  readonly keyVersion?: number;
  /** What is bound to the ciphertext: 1 to 65,536 public bytes. To open takes the same. */
  readonly additionalAuthenticatedData?: Uint8Array;
  /** An address of Cloud KMS: `https://HOST`. Default: `https://cloudkms.googleapis.com`. */
  readonly endpoint?: string;
}

const VERB = "open Google Cloud KMS service";
const NAMES: readonly (keyof GcpKmsOptions & string)[] = [
  ...(["key", "token", "keyVersion", "additionalAuthenticatedData", "endpoint"] as const),
  ...COMMON,
];
const KEY =
  /^projects\/[a-z0-9.:-]{1,80}\/locations\/[a-z0-9-]{1,40}\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63}$/;
/** That of keys in software; those in an HSM take 8 KiB together with what is bound. */
const MOST_BYTES = 65_536;

/**
 * Opens a key of Google Cloud KMS, for {@link doubled} alone. Synchronous; it asks nothing yet.
 *
 * Not run against the real service: it was run against a double of the published API.
 *
 * @throws {TypeError | RangeError} for a wrong option
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { doubled, openEnvelopes } from "lethe/envelopes";
 * import { openGcpKmsService } from "lethe/key-services";
 *
 * const secrets = openSecrets();
 * const identity = openEnvelopes(secrets).createIdentity();
 * const token = secrets.encode(secrets.random(24), "base64url"); // a real one comes from lethe/sources
 * const key = "projects/p/locations/global/keyRings/r/cryptoKeys/envelopes";
 * const service = openGcpKmsService(secrets, { key, token });
 * console.log(doubled(identity, service).name.length > 80); // true
 * for (const one of [service, identity, token]) one.destroy();
 * ```
 */
export function openGcpKmsService(secrets: Secrets, options: GcpKmsOptions): KeyService {
  checkSecrets(secrets, VERB);
  const own = readOptions(options, VERB, NAMES);
  const { key, keyVersion, endpoint = "https://cloudkms.googleapis.com" } = own;
  checkText(
    key,
    VERB,
    "key",
    KEY,
    "projects/P/locations/L/keyRings/R/cryptoKeys/K, without a version",
  );
  if (keyVersion !== undefined) checkInteger(keyVersion, VERB, "keyVersion", 1, 2 ** 31 - 1);
  const origin = checkAddress(endpoint, VERB, "endpoint", own.httpOnLoopback);
  const settings = checkCommon(own, VERB);
  const given = own.additionalAuthenticatedData;
  const bound = checkBound(given, VERB, "additionalAuthenticatedData", 65_536);
  const name = `gcp-kms:${key}`;
  const service = new TokenService(secrets, own.token, VERB, {
    ...{ name, settings, header: "authorization", prefix: "Bearer ", headers: {} },
    bound: bound === undefined ? {} : withChecksum("additionalAuthenticatedData", bound),
    contentOf: bodyOf,
  });
  const version = keyVersion === undefined ? "" : `/cryptoKeyVersions/${keyVersion}`;
  return service.keyService({
    keyVersion,
    mostBytes: MOST_BYTES,
    encrypt: (bytes) =>
      service.ask({
        verb: "wrap file key",
        url: `${origin}/v1/${key}${version}:encrypt`,
        what: withChecksum("plaintext", bytes),
        read(json, said) {
          checkVerified(json, said, bound !== undefined);
          const body = checkedBytes(json, "ciphertext", said);
          return { body, version: versionOf(json["name"], key, keyVersion, said) };
        },
      }),
    // The service finds the version itself.
    decrypt: (body) =>
      service.ask({
        verb: "unwrap file key",
        url: `${origin}/v1/${key}:decrypt`,
        what: withChecksum("ciphertext", body),
        read: (json, said) => checkedBytes(json, "plaintext", said),
      }),
  });
}

/** A field and its checksum, which JSON has as text. */
function withChecksum(field: string, bytes: View): Json {
  return { [field]: toPaddedBase64(bytes), [`${field}Crc32c`]: `${crc32c(bytes)}` };
}

/** Whether the service checked what it was sent against our checksums. @throws {KeyServiceError} */
function checkVerified(json: Json, said: Said, isBound: boolean): void {
  const isGood =
    json["verifiedPlaintextCrc32c"] === true &&
    (!isBound || json["verifiedAdditionalAuthenticatedDataCrc32c"] === true);
  if (!isGood) throw damaged(said, "it did not check what it was sent");
}

/** The bytes of a field, which must be those of its checksum. @throws {KeyServiceError} */
function checkedBytes(json: Json, field: string, said: Said): View {
  const bytes = fromPaddedBase64(json[field]);
  if (bytes === null) throw malformedAnswer(said);
  if (json[`${field}Crc32c`] === `${crc32c(bytes)}`) return bytes;
  throw damaged(said, "the checksum of its answer is wrong or missing");
}

function damaged({ verb, name, status }: Said, what: string): Error {
  const answer = { status, serviceCode: null, retryAfter: null };
  return failed(verb, name, "damaged", `${what}; see what changes it on the way`, answer);
}

/** Of the key that was asked for, and the version. @throws {KeyServiceError} */
function versionOf(name: unknown, key: string, asked: number | undefined, said: Said): string {
  const start = `${key}/cryptoKeyVersions/`;
  const version =
    typeof name === "string" && name.startsWith(start) ? name.slice(start.length) : "";
  if (VERSION.test(version) && (asked === undefined || version === `${asked}`)) return version;
  throw mismatched(said, "it encrypted with a different key or version than it was asked for");
}

/** @throws {KeyServiceError} for an error */
function bodyOf(answer: Answer, said: Said): Json {
  const { status, json } = answer;
  if (status === 200 && json !== null && json["error"] === undefined) return json;
  if (status === 200) throw malformedAnswer(said);
  const given = recordOf(json?.["error"])?.["status"];
  const code = typeof given === "string" && Object.hasOwn(FAULTS, given) ? given : null;
  const byStatus = status === 429 ? "throttled" : status >= 500 ? "unavailable" : "refused";
  const known = code === null ? byStatus : (FAULTS[code] ?? byStatus);
  // It says so of what it cannot decrypt, too.
  const isForeign = code === "INVALID_ARGUMENT" && said.verb === "unwrap file key";
  throw refusal(said, answer, isForeign ? "foreign" : known, code, REMEDIES);
}

/** The codes of gRPC, as google.rpc.Code has them. */
const FAULTS: Readonly<Record<string, keyof typeof REMEDIES>> = bare({
  PERMISSION_DENIED: "denied",
  UNAUTHENTICATED: "denied",
  NOT_FOUND: "missing",
  FAILED_PRECONDITION: "disabled",
  RESOURCE_EXHAUSTED: "throttled",
  UNAVAILABLE: "unavailable",
  INTERNAL: "unavailable",
  DEADLINE_EXCEEDED: "unavailable",
  ABORTED: "unavailable",
  CANCELLED: "unavailable",
  UNKNOWN: "unavailable",
  INVALID_ARGUMENT: "refused",
  ALREADY_EXISTS: "refused",
  OUT_OF_RANGE: "refused",
  UNIMPLEMENTED: "refused",
  DATA_LOSS: "refused",
});

const REMEDIES = {
  denied:
    "give a token that has not ended, of an account with cloudkms.cryptoKeyVersions.useToEncrypt and useToDecrypt on this key",
  missing: "it has no such key or version; correct them",
  disabled:
    "the key or its version is disabled or destroyed; enable it, or restore another recipient",
  foreign:
    "it was encrypted under another key, or with other additionalAuthenticatedData; give the right one",
  throttled: "it is asked too often; ask less, or raise the quota",
  unavailable: "it cannot answer now; ask again later",
  refused: "it takes a key for ENCRYPT_DECRYPT; read its audit log",
} as const;
