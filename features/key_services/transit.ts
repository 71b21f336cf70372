import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { type Json, recordOf } from "../../core/arguments/own.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { fromPaddedBase64, toPaddedBase64 } from "../envelopes/base64.ts";
import type { View } from "../envelopes/bytes.ts";
import type { KeyService } from "../envelopes/key_service.ts";
import type { Answer } from "./answer.ts";
import type { Credential } from "./credential.ts";
import { malformedAnswer, mismatched, refusal, type Said } from "./exchange.ts";
import {
  COMMON,
  checkAddress,
  checkBound,
  checkCommon,
  checkSecrets,
  checkText,
  type KeyServiceOptions,
} from "./options.ts";
import { TokenService } from "./token_service.ts";

/** A key of the transit engine of OpenBao or Vault. */
export interface TransitOptions extends KeyServiceOptions {
  /** `https://HOST:PORT`, without a path. A standby that redirects is refused: give the address of the cluster. */
  readonly address: string;
  /** The token: sent as `X-Vault-Token`. A short-lived one, whose policy allows `update` on these two paths alone. */
  readonly token: Credential;
  /**
   * The name of the key. It must exist: with `create` in its policy a token makes the server create a missing key, which the
   * client does not see.
   */
  readonly key: string;
  /** Where the engine is mounted. Default: `transit`. */
  readonly mount?: string;
  /** The namespace: sent as `X-Vault-Namespace`. Default: none. */
  readonly namespace?: string;
  /** The version to encrypt with: from 1 on. To decrypt, the one is asked for that the envelope names. Default: the latest. */
  readonly keyVersion?: number;
  /** For a derived key, the context of derivation: 1 to 4096 public bytes. To open takes the same. */
  readonly context?: Uint8Array;
  /** What an AEAD key binds to the ciphertext: 1 to 4096 public bytes. To open takes the same. */
  readonly associatedData?: Uint8Array;
}

const VERB = "open transit service";
const NAMES = [
  ...["address", "token", "key", "mount", "namespace", "keyVersion", "context", "associatedData"],
  ...COMMON,
] as const as readonly (keyof TransitOptions & string)[];
const PATH = /^(?!\.{1,2}(\/|$))[\w.-]{1,100}(\/(?!\.{1,2}(\/|$))[\w.-]{1,100}){0,9}$/;
const KEY = /^\w([\w.-]{0,98}\w)?$/;
const MOST_BYTES = 32_768;

/**
 * Opens a key of the transit engine of OpenBao or Vault, for {@link doubled} alone. Synchronous; it asks nothing yet.
 *
 * Not run against the real service: it was run against a double of the published API.
 *
 * @throws {TypeError | RangeError} for a wrong option
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { doubled, openEnvelopes } from "lethe/envelopes";
 * import { openTransitService } from "lethe/key-services";
 *
 * const secrets = openSecrets();
 * const identity = openEnvelopes(secrets).createIdentity();
 * const token = secrets.encode(secrets.random(24), "base64url"); // a real one comes from lethe/sources
 * const service = openTransitService(secrets, { address: "https://vault.example:8200", key: "envelopes", token });
 * console.log(doubled(identity, service).name); // age1… behind transit:transit/envelopes
 * for (const one of [service, identity, token]) one.destroy();
 * ```
 */
export function openTransitService(secrets: Secrets, options: TransitOptions): KeyService {
  checkSecrets(secrets, VERB);
  const own = readOptions(options, VERB, NAMES);
  const { key, mount = "transit", namespace, keyVersion } = own;
  checkText(key, VERB, "key", KEY, "the name of a key: 1 to 100 letters, digits, _ . -");
  checkText(mount, VERB, "mount", PATH, "a path of letters, digits, _ . -");
  if (namespace !== undefined) {
    checkText(namespace, VERB, "namespace", PATH, "a path of letters, digits, _ . -");
  }
  if (keyVersion !== undefined) checkInteger(keyVersion, VERB, "keyVersion", 1, 2 ** 31 - 1);
  const origin = checkAddress(own.address, VERB, "address", own.httpOnLoopback);
  const settings = checkCommon(own, VERB);
  const context = checkBound(own.context, VERB, "context", 4096);
  const associatedData = checkBound(own.associatedData, VERB, "associatedData", 4096);
  const name = `transit:${namespace === undefined ? "" : `${namespace}/`}${mount}/${key}`;
  const service = new TokenService(secrets, own.token, VERB, {
    ...{ name, settings, header: "x-vault-token", prefix: "", contentOf: dataOf },
    headers: {
      "x-vault-request": "true",
      ...(namespace === undefined ? {} : { "x-vault-namespace": namespace }),
    },
    bound: {
      ...(context === undefined ? {} : { context: toPaddedBase64(context) }),
      ...(associatedData === undefined ? {} : { associated_data: toPaddedBase64(associatedData) }),
    },
  });
  const urlOf = (how: "encrypt" | "decrypt"): string => `${origin}/v1/${mount}/${how}/${key}`;
  return service.keyService({
    keyVersion,
    mostBytes: MOST_BYTES,
    encrypt: (bytes) =>
      service.ask({
        verb: "wrap file key",
        url: urlOf("encrypt"),
        what: {
          plaintext: toPaddedBase64(bytes),
          ...(keyVersion === undefined ? {} : { key_version: keyVersion }),
        },
        read: (data, said) => wrapped(data, said, keyVersion),
      }),
    decrypt: (body, version) =>
      service.ask({
        verb: "unwrap file key",
        url: urlOf("decrypt"),
        what: { ciphertext: `vault:v${version}:${toPaddedBase64(body)}` },
        read: unwrapped,
      }),
  });
}

function wrapped(
  data: Json,
  said: Said,
  asked: number | undefined,
): { readonly body: View; readonly version: string } {
  const text = data["ciphertext"];
  const parts = typeof text === "string" ? /^vault:v([1-9]\d{0,9}):([\w+/]+=*)$/.exec(text) : null;
  const body = fromPaddedBase64(parts?.[2]);
  const version = parts?.[1];
  if (body === null || version === undefined) throw malformedAnswer(said);
  // Servers before 1.5 do not say it beside the ciphertext.
  const beside = data["key_version"] ?? Number(version);
  if (beside === Number(version) && (asked === undefined || asked === beside)) {
    return { body, version };
  }
  throw mismatched(said, "it encrypted with another version than it was asked for, or says");
}

function unwrapped(data: Json, said: Said): View {
  const bytes = fromPaddedBase64(data["plaintext"]);
  if (bytes === null) throw malformedAnswer(said);
  return bytes;
}

/** @throws {KeyServiceError} for an error */
function dataOf(answer: Answer, said: Said): Json {
  const { status, json } = answer;
  const data = recordOf(json?.["data"]);
  if (status === 200 && data !== null) return data;
  if (status === 200) throw malformedAnswer(said);
  const errors: unknown = json?.["errors"];
  const text = Array.isArray(errors)
    ? errors.filter((one) => typeof one === "string").join(" ")
    : "";
  throw refusal(said, answer, faultOf(status, text), null, REMEDIES);
}

/** The server has no codes but texts, of which some are known (sdk/helper/keysutil/policy.go). */
function faultOf(status: number, text: string): keyof typeof REMEDIES {
  if (status === 403 || status === 401) return "denied";
  if (status === 404 || /encryption key not found|no handler for route/.test(text))
    return "missing";
  if (status === 429) return "throttled";
  if (status >= 500 || status === 412) return "unavailable";
  if (/disallowed by policy|version for encryption|version is too new/.test(text))
    return "disabled";
  if (/unable to decrypt|invalid ciphertext|message authentication failed/.test(text))
    return "foreign";
  return "refused";
}

const REMEDIES = {
  denied: "give a token whose policy allows update on this path, in this namespace",
  missing: "it has no such key, mount or namespace; correct them",
  throttled: "it is asked too often; ask less, or raise its quota",
  unavailable: "it is sealed, has no leader, or fails; read its log",
  disabled:
    "it does not allow this version of the key; read min_decryption_version and min_encryption_version",
  foreign:
    "it was encrypted under another key, or with another context or associated data; give the right ones",
  refused: "read its audit log; a derived key needs context",
} as const;
