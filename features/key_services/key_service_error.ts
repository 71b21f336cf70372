import { LetheError } from "../../core/contract/errors.ts";

/**
 * What failed. `credential`: it could not be read, or is none. `unreachable`: no answer, or half of one. `timeout`: none in
 * time. `denied`: the service does not allow it. `missing`: it has no such key. `disabled`: the key or its version is
 * off. `foreign`: the service says that this key, with this context, did not encrypt that. `throttled`, `unavailable`: it can not
 * now. `refused`: any other error of the service. `malformed`: the answer is not of the API. `mismatched`: it is about
 * another key or version. `damaged`: a checksum is wrong or missing.
 */
export type KeyServiceFault =
  | "credential"
  | "unreachable"
  | "timeout"
  | "denied"
  | "missing"
  | "disabled"
  | "foreign"
  | "throttled"
  | "unavailable"
  | "refused"
  | "malformed"
  | "mismatched"
  | "damaged";

/** What a service said of an error. */
export interface KeyServiceAnswer {
  /** The HTTP status; null: there was no answer. */
  readonly status: number | null;
  /** The service's own code, from the list that it publishes; null: none, or another. */
  readonly serviceCode: string | null;
  /** The seconds after which it wants to be asked again; null: it does not say. */
  readonly retryAfter: number | null;
}

/**
 * Why a key service did not wrap or unwrap. Its code is `ERR_LETHE_WRAPPER`; like every {@link LetheError} it quotes nothing that
 * was sent, and nothing of an answer but its status and a code that the service publishes.
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { doubled, openEnvelopes } from "lethe/envelopes";
 * import { KeyServiceError, openTransitService } from "lethe/key-services";
 *
 * const secrets = openSecrets();
 * const identity = openEnvelopes(secrets).createIdentity();
 * const token = secrets.encode(secrets.random(24), "base64url");
 * const address = "http://127.0.0.1:1"; // nothing listens there
 * const service = openTransitService(secrets, { address, key: "k", token, httpOnLoopback: true, retries: 0 });
 * try {
 *   await doubled(identity, service).wrap(secrets.random(16));
 * } catch (error) {
 *   if (error instanceof KeyServiceError) console.log(error.fault, error.status); // unreachable null
 * }
 * for (const one of [service, identity]) one.destroy();
 * ```
 */
export class KeyServiceError extends LetheError implements KeyServiceAnswer {
  /** What failed. */
  readonly fault: KeyServiceFault;
  /** The HTTP status; null: there was no answer. */
  readonly status: number | null;
  /** The service's own code, from the list that it publishes; null: none, or another. */
  readonly serviceCode: string | null;
  /** The seconds after which it wants to be asked again; null: it does not say. */
  readonly retryAfter: number | null;

  /**
   * Makes an error.
   *
   * @param fault what failed
   * @param message what failed, why, and what the caller can do
   * @param answer what the service said, where it did
   */
  constructor(fault: KeyServiceFault, message: string, answer: KeyServiceAnswer = NO_ANSWER) {
    super("ERR_LETHE_WRAPPER", message);
    this.fault = fault;
    this.status = answer.status;
    this.serviceCode = answer.serviceCode;
    this.retryAfter = answer.retryAfter;
  }
}

const NO_ANSWER: KeyServiceAnswer = { status: null, serviceCode: null, retryAfter: null };

/** After these another try may do. */
export const PASSING: ReadonlySet<KeyServiceFault> = new Set<KeyServiceFault>([
  "unreachable",
  "throttled",
  "unavailable",
  "damaged",
]);

/** What is asked of a service, for messages. */
export type KeyServiceVerb = "wrap file key" | "unwrap file key";

/** "Cannot VERB: NAME: reason; remedy". */
export function failed(
  verb: KeyServiceVerb,
  name: string,
  fault: KeyServiceFault,
  reason: string,
  answer?: KeyServiceAnswer,
): KeyServiceError {
  return new KeyServiceError(fault, `Cannot ${verb}: ${name}: ${reason}`, answer);
}
