import { wrongKind, wrongType } from "../../../core/arguments/argument_error.ts";
import { readOptions } from "../../../core/arguments/options.ts";
import type {
  Argon2Cost,
  ReadonlyBytes,
  SecretBuffer,
  SecretInput,
  Secrets,
  StandardSecretV1,
} from "../../../core/mod.ts";
import { after } from "../../../system/timers.ts";
import { adoptingUntil } from "../../crypto/lend.ts";
import type { AeadOptions, HmacOptions, VerifyPasswordOptions } from "../../crypto/options.ts";
import type { LentTerminal } from "../../prompt/mod.ts";
import type { Fields } from "../protocol/fields.ts";
import { MAX_SECRET } from "../protocol/limits.ts";
import { checkName } from "../protocol/names.ts";
import type { CustodianReport, CustodianStatus } from "../report.ts";
import type { ChildHandle } from "../start/start_child.ts";
import { KEY_PAIR_TYPES } from "../vault/key_pair_types.ts";
import { POLICY, type SecretPolicy } from "../vault/policy.ts";
import {
  decryptFields,
  encryptedFields,
  promptFields,
  readAdditional,
  readHash,
  readTag,
  signFields,
} from "./argument_fields.ts";
import { type Calls, ended } from "./calls.ts";
import {
  checkData,
  checkNumber,
  checkSecret,
  got,
  naming,
  type OwnBytes,
  ownBytes,
  placeFields,
  policyFields,
} from "./checks.ts";
import type { Custodian } from "./custodian.ts";
import type {
  CustodianEnd,
  CustodianPrompt,
  DecryptOptions,
  DeriveOptions,
  GenerateKeyPairOptions,
  GenerateOptions,
  PutOptions,
  SignOptions,
  StatusOptions,
} from "./custodian_options.ts";
import { hashPassword, verifyPassword } from "./passwords.ts";
import { readStatus } from "./read_status.ts";
import { ReceiveBuffers } from "./receive_buffers.ts";
import { Requests } from "./requests.ts";

/** The custodian as the application has it: arguments checked, then asked over the channel. */
export class Client implements Custodian {
  readonly report: CustodianReport;
  readonly #calls: Calls;
  readonly #requests: Requests;
  readonly #child: ChildHandle;
  readonly #secrets: Secrets;
  readonly #buffers: ReceiveBuffers;
  readonly #terminal: LentTerminal;
  readonly #closeMilliseconds: number;
  #closing: Promise<CustodianEnd> | undefined;

  constructor(
    report: CustodianReport,
    calls: Calls,
    child: ChildHandle,
    secrets: Secrets,
    terminal: LentTerminal,
    closeMilliseconds: number,
  ) {
    this.report = report;
    this.#calls = calls;
    this.#requests = new Requests(calls, secrets);
    this.#child = child;
    this.#secrets = secrets;
    this.#terminal = terminal;
    this.#buffers = new ReceiveBuffers(secrets);
    this.#closeMilliseconds = closeMilliseconds;
    child.ended.then(() => this.#buffers.destroy());
  }

  get pid(): number {
    return this.report.pid;
  }

  get ended(): Promise<CustodianEnd> {
    return this.#child.ended;
  }

  async prompt(name: string, text: string, options?: CustodianPrompt): Promise<void> {
    const { from, fields } = promptFields(name, text, options);
    const ask = (): Promise<Fields> => this.#requests.ask("prompt", fields);
    const borrower = {
      withdraw: () => void this.#requests.ask("withdraw", {}).catch(() => undefined),
      dismiss: () => this.#child.dismiss(),
    };
    if (from === "terminal") await this.#terminal.lend(ask, borrower);
    else if (from === "stdin") await this.#terminal.lendInput(ask);
    else await ask();
  }

  async put(name: string, secret: StandardSecretV1, options?: PutOptions): Promise<void> {
    const own = readOptions(options, "put secret", [...POLICY, "type", "place"]);
    const { type = "key" } = own;
    if (!PUT_TYPES.includes(type)) {
      throw wrongType(`Cannot put secret as type must be one of ${PUT_TYPES.join(", ")}`);
    }
    const placed = placeFields(own);
    await adoptingUntil(this.#secrets, [secret], async (secret) => {
      checkSecret(secret, "put", MAX_SECRET);
      const fields = { ...naming(name), ...policyFields(own), ...placed, type };
      await this.#requests.ask("put", fields, secret);
      secret.destroy();
    });
  }

  generate(name: string, type: "key", options?: GenerateOptions): Promise<void>;
  generate(
    name: string,
    type: "ed25519" | "x25519",
    options?: GenerateKeyPairOptions,
  ): Promise<OwnBytes>;
  async generate(
    name: string,
    type: "key" | "ed25519" | "x25519",
    options?: GenerateOptions & GenerateKeyPairOptions,
  ): Promise<unknown> {
    if (type !== "key" && type !== "ed25519" && type !== "x25519") {
      throw wrongType('Cannot generate secret as type must be "key", "ed25519" or "x25519"');
    }
    const known = [...POLICY, type === "key" ? "byteLength" : "place"] as const;
    const own: Partial<GenerateOptions & GenerateKeyPairOptions> = readOptions(
      options,
      "generate secret",
      known,
    );
    const { byteLength } = own;
    const { data } = await this.#requests.ask("generate", {
      ...naming(name),
      ...policyFields(own),
      ...placeFields(own),
      type,
      ...(byteLength === undefined ? {} : { byteLength: checkNumber(byteLength, "byteLength") }),
    });
    return type === "key" ? undefined : ownBytes(data);
  }

  expose<T>(name: string, use: (bytes: ReadonlyBytes) => T): Promise<Awaited<T>> {
    return this.#calls.ask<Awaited<T>>(() => {
      if (typeof use !== "function") {
        throw wrongKind(`Cannot expose secret as use must be a function`, use);
      }
      return {
        operation: "expose",
        fields: naming(name),
        secret: undefined,
        answer: (_, arrival) => this.#buffers.lend(got(arrival ?? undefined), use),
      };
    });
  }

  async sign(name: string, message: SecretInput, options?: SignOptions): Promise<OwnBytes> {
    const fields = signFields(name, options);
    return ownBytes((await this.#requests.askWith("sign", fields, message)).data);
  }

  async hmac(name: string, message: SecretInput, options?: HmacOptions): Promise<SecretBuffer> {
    const hash = readHash(options);
    return await this.#requests.askForSecret("hmac", { ...naming(name), hash }, message);
  }

  async verifyHmac(
    name: string,
    message: SecretInput,
    tag: Uint8Array,
    options?: HmacOptions,
  ): Promise<boolean> {
    const fields = { ...naming(name), hash: readHash(options), tag: readTag(tag) };
    return got((await this.#requests.askWith("verifyHmac", fields, message)).holds);
  }

  async encrypt(name: string, message: SecretInput, options?: AeadOptions): Promise<OwnBytes> {
    const fields = { ...naming(name), additional: readAdditional(options, "encrypt") };
    return ownBytes((await this.#requests.askWith("encrypt", fields, message)).data);
  }

  async decrypt(
    name: string,
    encrypted: Uint8Array,
    options?: DecryptOptions,
  ): Promise<SecretBuffer> {
    const fields = decryptFields(name, encrypted, options);
    return await this.#requests.askForSecret("decrypt", fields);
  }

  async isAuthentic(name: string, encrypted: Uint8Array, options?: AeadOptions): Promise<boolean> {
    const fields = encryptedFields(name, encrypted, options, "authenticate");
    return got((await this.#requests.ask("isAuthentic", fields)).holds);
  }

  async derive(
    name: string,
    as: string,
    context: Uint8Array,
    options?: DeriveOptions,
  ): Promise<void> {
    const own = readOptions(options, "derive key", [...POLICY, "byteLength"]);
    const { byteLength } = own;
    await this.#requests.ask("derive", {
      ...naming(name),
      ...policyFields(own),
      other: checkName(as, "as"),
      data: checkData(context, "context"),
      ...(byteLength === undefined ? {} : { byteLength: checkNumber(byteLength, "byteLength") }),
    });
  }

  async agree(
    name: string,
    as: string,
    publicKey: Uint8Array,
    options?: SecretPolicy,
  ): Promise<void> {
    await this.#requests.ask("agree", {
      ...naming(name),
      ...policyFields(readOptions(options, "agree", POLICY)),
      other: checkName(as, "as"),
      data: checkData(publicKey, "publicKey"),
    });
  }

  async equals(name: string, other: StandardSecretV1 | string): Promise<boolean> {
    if (typeof other === "string") {
      const fields = { ...naming(name), other: checkName(other, "other") };
      return got((await this.#requests.ask("equals", fields)).holds);
    }
    return await adoptingUntil(this.#secrets, [other], async (other) => {
      checkSecret(other, "compare", MAX_SECRET);
      return got((await this.#requests.ask("equals", naming(name), other)).holds);
    });
  }

  hashPassword(name: string, cost: Argon2Cost): Promise<string> {
    return hashPassword(this.#requests, name, cost);
  }

  verifyPassword(
    name: string,
    hash: string | Uint8Array,
    options?: VerifyPasswordOptions,
  ): Promise<boolean> {
    return verifyPassword(this.#requests, name, hash, options);
  }

  async delete(name: string): Promise<void> {
    await this.#requests.ask("delete", naming(name));
  }

  status(options?: StatusOptions): Promise<CustodianStatus> {
    return readStatus(this.#requests, options);
  }

  close(): Promise<CustodianEnd> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #end(): Promise<CustodianEnd> {
    this.#child.hold(true);
    const late = after(() => this.#child.kill(), this.#closeMilliseconds);
    try {
      // It wipes before it answers; that the process is gone is told by its exit alone.
      await this.#requests.ask("close", {}).catch(() => undefined);
      this.#calls.fail(ended("it was closed"));
      return await this.#child.ended;
    } finally {
      late.stop();
      this.#buffers.destroy();
    }
  }
}

const PUT_TYPES: readonly string[] = ["key", "x25519", ...KEY_PAIR_TYPES];
