import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { readOptions, readRecord } from "../../core/arguments/options.ts";
import { checkLive } from "../../core/check_live.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import type { SecretInput, StandardSecretV1 } from "../../core/standard/standard.ts";
import {
  CredentialFault,
  HeldCredential,
  type LendCredential,
  lendOnce,
  wipeGiven,
} from "./credential.ts";

/** Credentials of AWS. Of the two secrets a copy is kept until the service is destroyed. */
export interface AwsCredentials {
  /** The name of the secret key. It is public, and stands in each request. */
  readonly accessKeyId: string;
  /** The secret key: it signs, and is never sent. A `Uint8Array` is wiped once it was copied, and untouched on an error. */
  readonly secretAccessKey: SecretInput;
  /** Of temporary credentials: it is sent with each request. A `Uint8Array` is wiped once it was copied, and untouched on an error. */
  readonly sessionToken?: SecretInput;
}

/** Credentials of AWS as they are lent for one request. */
export interface LentAwsCredentials {
  /** The name of the secret key. It is public. */
  readonly accessKeyId: string;
  /** The secret key. */
  readonly secretAccessKey: StandardSecretV1;
  /** Of temporary credentials. */
  readonly sessionToken?: StandardSecretV1 | undefined;
}

const NAMES = ["accessKeyId", "secretAccessKey", "sessionToken"] as const;
const ID = /^\w{1,128}$/;

/** The credentials as they are asked for: copies of what was given, or what is lent. */
export class HeldAwsCredentials {
  readonly #lend: LendCredential<LentAwsCredentials> | null;
  readonly #id: string;
  readonly #secretKey: HeldCredential | null;
  readonly #sessionToken: HeldCredential | null;

  constructor(secrets: Secrets, given: unknown, verb: string) {
    if (typeof given === "function") {
      this.#lend = given as LendCredential<LentAwsCredentials>;
      this.#id = "";
      this.#secretKey = null;
      this.#sessionToken = null;
      return;
    }
    const own = readOptions(given as AwsCredentials, verb, NAMES, "credentials");
    const { accessKeyId, secretAccessKey, sessionToken } = own;
    if (typeof accessKeyId !== "string" || !ID.test(accessKeyId)) {
      throw wrongKind(
        `Cannot ${verb} as credentials.accessKeyId must be 1 to 128 letters and digits`,
        accessKeyId,
      );
    }
    this.#lend = null;
    this.#id = accessKeyId;
    this.#secretKey = heldBytes(secrets, secretAccessKey, verb, "credentials.secretAccessKey");
    try {
      this.#sessionToken =
        sessionToken === undefined
          ? null
          : heldBytes(secrets, sessionToken, verb, "credentials.sessionToken");
    } catch (error) {
      this.#secretKey.destroy();
      throw error;
    }
    wipeGiven(secretAccessKey, sessionToken);
  }

  destroy(): void {
    this.#secretKey?.destroy();
    this.#sessionToken?.destroy();
  }

  /** Calls `use` with the credentials while they are lent. @throws {CredentialFault}, and the signal's reason */
  async use<T>(signal: AbortSignal, use: (lent: LentAwsCredentials) => T): Promise<T> {
    const secretAccessKey = this.#secretKey?.copy ?? null;
    if (secretAccessKey !== null) {
      checkLive(secretAccessKey, "use credentials");
      const sessionToken = this.#sessionToken?.copy ?? undefined;
      return use({ accessKeyId: this.#id, secretAccessKey, sessionToken });
    }
    const lend = this.#lend as LendCredential<LentAwsCredentials>;
    return await lendOnce(lend, signal, "credentials", (given) => use(checkLent(given)));
  }
}

/** Not a function: all three change together, so that one function lends them. */
function heldBytes(
  secrets: Secrets,
  given: unknown,
  verb: string,
  parameter: string,
): HeldCredential {
  if (typeof given !== "function") return new HeldCredential(secrets, given, verb, parameter);
  throw wrongType(`Cannot ${verb} as ${parameter} must be bytes; pass a function as credentials`);
}

function checkLent(given: LentAwsCredentials): LentAwsCredentials {
  const isObject = typeof given === "object" && given !== null;
  const own = isObject ? readRecord(given, "lend", "credentials", NAMES) : {};
  const { accessKeyId, secretAccessKey, sessionToken } = own;
  if (typeof accessKeyId === "string" && ID.test(accessKeyId) && secretAccessKey !== undefined) {
    return { accessKeyId, secretAccessKey, sessionToken };
  }
  throw new CredentialFault(
    "the function credentials lent no accessKeyId and secretAccessKey; lend both",
  );
}
