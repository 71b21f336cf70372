import { wrongType } from "../../../core/arguments/argument_error.ts";
import { checkInteger } from "../../../core/arguments/check_integer.ts";
import { kindOf } from "../../../core/arguments/kind_of.ts";
import { readOptions } from "../../../core/arguments/options.ts";
import { parseJson } from "../../../core/arguments/own.ts";
import { NONCE_BYTES, TAG_BYTES } from "../../../core/contract/sizes.ts";
import {
  type Argon2Cost,
  isSecretBuffer,
  type ReadonlyBytes,
  type SecretBuffer,
  type SecretInput,
  type Secrets,
  type StandardSecretV1,
} from "../../../core/mod.ts";
import { after } from "../../../system/timers.ts";
import { readCost } from "../../crypto/argon2_cost.ts";
import { adoptingUntil, type Message } from "../../crypto/lend.ts";
import type {
  AeadOptions,
  HashName,
  HmacOptions,
  VerifyPasswordOptions,
} from "../../crypto/options.ts";
import {
  checkStoredCost,
  formatPasswordHash,
  MOST_VERIFY_COST as MOST_COST,
  parsePasswordHash,
} from "../../crypto/password_hash.ts";
import type { LentTerminal } from "../../prompt/mod.ts";
import type { Fields } from "../protocol/fields.ts";
import { MAX_DATA, MAX_SECRET, MOST_SECRETS } from "../protocol/limits.ts";
import { checkName } from "../protocol/names.ts";
import type { OperationName } from "../protocol/operation_names.ts";
import type { CustodianReport, CustodianStatus } from "../report.ts";
import type { StatusPage } from "../server/status.ts";
import type { ChildHandle } from "../start/start_child.ts";
import { KEY_PAIR_TYPES } from "../vault/key_pair_types.ts";
import { POLICY, type SecretPolicy } from "../vault/policy.ts";
import type { SecretStatus } from "../vault/vault.ts";
import { type Calls, ended } from "./calls.ts";
import {
  checkData,
  checkFlag,
  checkNumber,
  checkSecret,
  checkText,
  got,
  naming,
  policyFields,
} from "./checks.ts";
import type {
  Custodian,
  CustodianEnd,
  CustodianPrompt,
  DeriveOptions,
  GenerateOptions,
  PutOptions,
  SignOptions,
  StatusOptions,
} from "./custodian.ts";
import { ReceiveBuffers } from "./receive_buffers.ts";

/** The custodian as the application has it: arguments checked, then asked over the channel. */
export class Client implements Custodian {
  readonly report: CustodianReport;
  readonly #calls: Calls;
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
    checkText(text, "text");
    const own = readOptions(options, "prompt for secret", [...POLICY, ...PROMPT]);
    const { maxBytes, mask, from = "terminal", isNew } = own;
    const descriptor = DESCRIPTORS.get(from);
    if (!DESCRIPTORS.has(from)) {
      throw wrongType('Cannot ask custodian as from must be "terminal", "stdin" or "input"');
    }
    const fields = {
      ...naming(name),
      ...policyFields(own),
      text,
      ...(maxBytes === undefined ? {} : { byteLength: checkNumber(maxBytes, "maxBytes") }),
      ...(mask === undefined ? {} : { mask: checkText(mask, "mask") }),
      ...(descriptor === undefined ? {} : { descriptor }),
      ...(isNew === undefined ? {} : { isNew: checkFlag(isNew, "isNew") }),
    };
    const ask = (): Promise<Fields> => this.#ask("prompt", fields);
    const withdraw = (): void => void this.#ask("withdraw", {}).catch(() => undefined);
    if (from === "terminal") await this.#terminal.lend(ask, withdraw);
    else if (from === "stdin") await this.#terminal.lendInput(ask);
    else await ask();
  }

  async put(name: string, secret: StandardSecretV1, options?: PutOptions): Promise<void> {
    const own = readOptions(options, "put secret", [...POLICY, "type"]);
    const { type = "key" } = own;
    if (type !== "key" && !KEY_PAIR_TYPES.includes(type)) {
      throw wrongType(`Cannot put secret as type must be one of key, ${KEY_PAIR_TYPES.join(", ")}`);
    }
    await adoptingUntil(this.#secrets, [secret], async (secret) => {
      checkSecret(secret, "put", MAX_SECRET);
      await this.#ask("put", { ...naming(name), ...policyFields(own), type }, secret);
      secret.destroy();
    });
  }

  generate(name: string, type: "key", options?: GenerateOptions): Promise<void>;
  generate(name: string, type: "ed25519", options?: SecretPolicy): Promise<Uint8Array>;
  async generate(
    name: string,
    type: "key" | "ed25519",
    options?: GenerateOptions,
  ): Promise<unknown> {
    if (type !== "key" && type !== "ed25519") {
      throw wrongType('Cannot generate secret as type must be "key" or "ed25519"');
    }
    const known = type === "key" ? ([...POLICY, "byteLength"] as const) : POLICY;
    const own: Partial<GenerateOptions> = readOptions(options, "generate secret", known);
    const { byteLength } = own;
    const { data } = await this.#ask("generate", {
      ...naming(name),
      ...policyFields(own),
      type,
      ...(byteLength === undefined ? {} : { byteLength: checkNumber(byteLength, "byteLength") }),
    });
    return type === "ed25519" ? got(data) : undefined;
  }

  expose<T>(name: string, use: (bytes: ReadonlyBytes) => T): Promise<Awaited<T>> {
    return this.#calls.ask<Awaited<T>>(() => {
      if (typeof use !== "function") {
        throw wrongType(
          `Cannot expose secret as use must be a function: current value is ${kindOf(use)}`,
        );
      }
      return {
        operation: "expose",
        fields: naming(name),
        secret: undefined,
        answer: (_, arrival) => this.#buffers.lend(got(arrival ?? undefined), use),
      };
    });
  }

  async sign(name: string, message: SecretInput, options?: SignOptions): Promise<Uint8Array> {
    const { hash } = readOptions(options, "sign", ["hash"]);
    if (hash !== undefined && hash !== "sha256" && hash !== "sha512") {
      throw wrongType('Cannot sign as hash must be "sha256" or "sha512"');
    }
    const fields = hash === undefined ? naming(name) : { ...naming(name), hash };
    return got((await this.#askWith("sign", fields, message)).data);
  }

  async hmac(name: string, message: SecretInput, options?: HmacOptions): Promise<SecretBuffer> {
    const hash = readHash(options);
    return await this.#askForSecret("hmac", { ...naming(name), hash }, message);
  }

  async verifyHmac(
    name: string,
    message: SecretInput,
    tag: Uint8Array,
    options?: HmacOptions,
  ): Promise<boolean> {
    const fields = { ...naming(name), hash: readHash(options), tag: readTag(tag) };
    return got((await this.#askWith("verifyHmac", fields, message)).holds);
  }

  async encrypt(name: string, message: SecretInput, options?: AeadOptions): Promise<Uint8Array> {
    const fields = { ...naming(name), additional: readAdditional(options, "encrypt") };
    return got((await this.#askWith("encrypt", fields, message)).data);
  }

  async decrypt(name: string, encrypted: Uint8Array, options?: AeadOptions): Promise<SecretBuffer> {
    const additional = readAdditional(options, "decrypt");
    const data = checkData(encrypted, "encrypted", MOST_ENCRYPTED);
    return await this.#askForSecret("decrypt", { ...naming(name), data, additional });
  }

  async isAuthentic(name: string, encrypted: Uint8Array, options?: AeadOptions): Promise<boolean> {
    const additional = readAdditional(options, "authenticate");
    const fields = {
      ...naming(name),
      data: checkData(encrypted, "encrypted", MOST_ENCRYPTED),
      additional,
    };
    return got((await this.#ask("isAuthentic", fields)).holds);
  }

  async derive(
    name: string,
    as: string,
    context: Uint8Array,
    options?: DeriveOptions,
  ): Promise<void> {
    const own = readOptions(options, "derive key", [...POLICY, "byteLength"]);
    const { byteLength } = own;
    await this.#ask("derive", {
      ...naming(name),
      ...policyFields(own),
      other: checkName(as, "as"),
      data: checkData(context, "context"),
      ...(byteLength === undefined ? {} : { byteLength: checkNumber(byteLength, "byteLength") }),
    });
  }

  async equals(name: string, other: StandardSecretV1 | string): Promise<boolean> {
    if (typeof other === "string") {
      const fields = { ...naming(name), other: checkName(other, "other") };
      return got((await this.#ask("equals", fields)).holds);
    }
    return await adoptingUntil(this.#secrets, [other], async (other) => {
      checkSecret(other, "compare", MAX_SECRET);
      return got((await this.#ask("equals", naming(name), other)).holds);
    });
  }

  async hashPassword(name: string, cost: Argon2Cost): Promise<string> {
    const { passes, memoryBytes } = readCost(cost, "hash password", "cost", MOST_COST);
    const fields = { ...naming(name), passes, memoryBytes };
    const { salt, data } = await this.#ask("hashPassword", fields);
    return formatPasswordHash({ passes, memoryBytes, salt: got(salt), hash: got(data) });
  }

  async verifyPassword(
    name: string,
    hash: string | Uint8Array,
    options?: VerifyPasswordOptions,
  ): Promise<boolean> {
    const { mostCost } = readOptions(options, "verify password", ["mostCost"]);
    const most =
      mostCost === undefined
        ? MOST_COST
        : readCost(mostCost, "verify password", "mostCost", MOST_COST);
    const { passes, memoryBytes, salt, hash: data } = parsePasswordHash(hash);
    checkStoredCost({ passes, memoryBytes }, most);
    const fields = { ...naming(name), passes, memoryBytes, salt, data };
    return got((await this.#ask("verifyPassword", fields)).holds);
  }

  async delete(name: string): Promise<void> {
    await this.#ask("delete", naming(name));
  }

  async status(options?: StatusOptions): Promise<CustodianStatus> {
    const { most = 100 } = readOptions(options, "ask custodian", ["most"]);
    checkInteger(most, "ask custodian", "most", 0, MOST_SECRETS);
    const secrets: SecretStatus[] = [];
    for (let from: number | null = 0; ; ) {
      const fields: Fields = { from, most: most - secrets.length };
      const page = parseJson(got((await this.#ask("status", fields)).report)) as StatusPage;
      secrets.push(...page.secrets);
      from = page.next;
      if (from !== null && secrets.length < most) continue;
      const { count, unlocked, secureHeap } = page;
      return { count, secrets, unlocked, secureHeap };
    }
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
      await this.#ask("close", {}).catch(() => undefined);
      this.#calls.fail(ended("it was closed"));
      return await this.#child.ended;
    } finally {
      late.stop();
      this.#buffers.destroy();
    }
  }

  /** With a message that is a secret, and crosses sealed, or plain bytes. */
  async #askWith(operation: OperationName, fields: Fields, input: SecretInput): Promise<Fields> {
    return await adoptingUntil(this.#secrets, [input], async (message) => {
      if (!isSecretBuffer(message)) {
        return await this.#ask(operation, { ...fields, data: checkData(message, "message") });
      }
      checkSecret(message, operation, MAX_DATA);
      return await this.#ask(operation, fields, message);
    });
  }

  /** For an answer that is a secret, into one of this process. */
  async #askForSecret(
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

  async #ask(operation: OperationName, fields: Fields, secret?: SecretBuffer): Promise<Fields> {
    return await this.#calls.ask(() => ({
      operation,
      fields,
      secret,
      answer: (answer) => answer,
    }));
  }
}

function readHash(options: HmacOptions | undefined): HashName {
  const { hash = "sha256" } = readOptions(options, "authenticate", ["hash"]);
  if (hash === "sha256" || hash === "sha512") return hash;
  throw wrongType('Cannot authenticate as hash must be "sha256" or "sha512"');
}

/** Longer ones than any HMAC are sent as 65 bytes, which none has either. */
function readTag(tag: Uint8Array): Uint8Array {
  return checkData(tag, "tag").subarray(0, 65);
}

function readAdditional(options: AeadOptions | undefined, verb: string): Uint8Array {
  const { additional = NOTHING } = readOptions(options, verb, ["additional"]);
  if (isSecretBuffer(additional)) {
    throw wrongType(`Cannot ${verb} as additional must be public: it is a SecretBuffer`);
  }
  return checkData(additional, "additional");
}

/** A message, and what encryption adds. */
const MOST_ENCRYPTED: number = MAX_DATA + NONCE_BYTES + TAG_BYTES;

const PROMPT = ["maxBytes", "mask", "from", "isNew"] as const;

/** Where the custodian's program finds what a prompt reads. */
const DESCRIPTORS: ReadonlyMap<string, number | undefined> = new Map([
  ["terminal", undefined],
  ["stdin", 0],
  ["input", 4],
]);

const NOTHING = new Uint8Array(0);
