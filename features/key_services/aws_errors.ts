import type { Json } from "../../core/arguments/own.ts";
import type { Answer } from "./answer.ts";
import { malformedAnswer, refusal, type Said } from "./exchange.ts";

/** What the API publishes for Encrypt and Decrypt, and what is common to all of AWS. */
const FAULTS: Readonly<Record<keyof typeof REMEDIES, readonly string[]>> = {
  denied: [
    ...["AccessDeniedException", "UnrecognizedClientException", "InvalidClientTokenId"],
    ...["InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature"],
    ...["IncompleteSignatureException", "MissingAuthenticationToken", "RequestExpired"],
    ...["MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired"],
    ...["ExpiredTokenException", "ExpiredToken"],
  ],
  missing: ["NotFoundException"],
  disabled: ["DisabledException", "KMSInvalidStateException"],
  foreign: ["InvalidCiphertextException", "IncorrectKeyException"],
  throttled: [
    ...["ThrottlingException", "Throttling", "RequestLimitExceeded", "TooManyRequestsException"],
    ...["LimitExceededException", "SlowDown", "ThrottledException"],
  ],
  unavailable: [
    ...["KMSInternalException", "DependencyTimeoutException", "KeyUnavailableException"],
    ...["InternalFailure", "InternalServerException", "ServiceUnavailable"],
    ...["ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException"],
  ],
  refused: [
    ...["InvalidKeyUsageException", "InvalidGrantTokenException", "DryRunOperationException"],
    ...["ValidationException", "ValidationError", "SerializationException"],
    ...["UnknownOperationException", "InvalidAction", "InvalidArnException"],
  ],
};

const REMEDIES = {
  denied:
    "allow kms:Encrypt and kms:Decrypt on this key with this context, and see whether the credentials ended or the clock is wrong",
  missing: "there is no such key in that account and region; correct key",
  disabled: "the key is disabled or pending deletion; enable it, or restore another recipient",
  foreign:
    "it was encrypted under another key, or with another encryptionContext; give the right one",
  throttled: "it is asked too often; ask less, or raise the quota",
  unavailable: "it cannot answer now; ask again later",
  refused: "it takes a symmetric key for ENCRYPT_DECRYPT; read CloudTrail",
} as const;

/** The body of an answer without an error. @throws {KeyServiceError} */
export function bodyOfAws(answer: Answer, said: Said): Json {
  const { status, json } = answer;
  if (status === 200 && json !== null && json["__type"] === undefined) return json;
  if (status === 200) throw malformedAnswer(said);
  const code = codeOf(answer);
  const [fault] =
    Object.entries(FAULTS).find(([, codes]) => code !== null && codes.includes(code)) ?? [];
  const byStatus = status === 429 ? "throttled" : status >= 500 ? "unavailable" : "refused";
  throw refusal(said, answer, (fault as keyof typeof REMEDIES) ?? byStatus, code, REMEDIES);
}

/** `InvalidCiphertextException`, also behind a namespace and before an address. Null for a code that is not published. */
function codeOf({ json, header }: Answer): string | null {
  const given = json?.["__type"] ?? json?.["code"] ?? header("x-amzn-errortype");
  if (typeof given !== "string") return null;
  const code = given.replace(/^.*#/s, "").replace(/:.*$/s, "");
  return Object.values(FAULTS).some((codes) => codes.includes(code)) ? code : null;
}
