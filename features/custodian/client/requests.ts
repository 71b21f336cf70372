import {
  isSecretBuffer,
  type SecretBuffer,
  type SecretInput,
  type Secrets,
} from "../../../core/mod.ts";
import { adoptingUntil, type Message } from "../../crypto/lend.ts";
import type { Fields } from "../protocol/fields.ts";
import { MAX_DATA } from "../protocol/limits.ts";
import type { OperationName } from "../protocol/operation_names.ts";
import type { Calls } from "./calls.ts";
import { checkData, checkSecret, got } from "./checks.ts";

/** Calls by what crosses: fields, a message that may be secret, an answer that is. */
export class Requests {
  readonly #calls: Calls;
  readonly #secrets: Secrets;

  constructor(calls: Calls, secrets: Secrets) {
    this.#calls = calls;
    this.#secrets = secrets;
  }

  /** @param secret crosses sealed; it stays the caller's */
  async ask(operation: OperationName, fields: Fields, secret?: SecretBuffer): Promise<Fields> {
    return await this.#calls.ask(() => ({
      operation,
      fields,
      secret,
      answer: (answer) => answer,
    }));
  }

  /** With a message that is a secret, and crosses sealed, or plain bytes. */
  async askWith(operation: OperationName, fields: Fields, input: SecretInput): Promise<Fields> {
    return await adoptingUntil(this.#secrets, [input], async (message) => {
      if (!isSecretBuffer(message)) {
        return await this.ask(operation, { ...fields, data: checkData(message, "message") });
      }
      checkSecret(message, operation, MAX_DATA);
      return await this.ask(operation, fields, message);
    });
  }

  /** For an answer that is a secret, into one of this process. */
  async askForSecret(
    operation: OperationName,
    fields: Fields,
    input?: SecretInput,
  ): Promise<SecretBuffer> {
    return await adoptingUntil(this.#secrets, [input], (message) =>
      this.#askForSecretWith(operation, fields, message),
    );
  }

  async #askForSecretWith(
    operation: OperationName,
    fields: Fields,
    message: Message | undefined,
  ): Promise<SecretBuffer> {
    const secret = isSecretBuffer(message) ? message : undefined;
    if (secret !== undefined) checkSecret(secret, operation, MAX_DATA);
    const isPlain = message !== undefined && secret === undefined;
    const data = isPlain ? { data: checkData(message, "message") } : {};
    return await this.#calls.ask(() => ({
      operation,
      fields: { ...fields, ...data },
      secret,
      answer: (_, arrival) => {
        const { byteLength, openInto } = got(arrival ?? undefined);
        const landed = this.#secrets.allocate(byteLength);
        try {
          landed.modify(openInto);
          return landed;
        } catch (error) {
          landed.destroy();
          throw error;
        }
      },
    }));
  }
}
