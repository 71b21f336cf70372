import { wrongType } from "../../../core/arguments/argument_error.ts";
import { checkInteger } from "../../../core/arguments/check_integer.ts";
import { kindOf } from "../../../core/arguments/kind_of.ts";
import { readOptions, readRecord } from "../../../core/arguments/options.ts";
import { parseJson } from "../../../core/arguments/own.ts";
import type { ReadonlyBytes, SecretBuffer, Secrets } from "../../../core/mod.ts";
import { after } from "../../../system/timers.ts";
import type { LentTerminal } from "../../prompt/mod.ts";
import type { Fields } from "../protocol/fields.ts";
import { MAX_DATA, MAX_SECRET, MOST_SECRETS } from "../protocol/limits.ts";
import { checkName } from "../protocol/names.ts";
import type { OperationName } from "../protocol/operation_names.ts";
import type { CustodianReport, CustodianStatus } from "../report.ts";
import type { StatusPage } from "../server/status.ts";
import type { ChildHandle } from "../start/start_child.ts";
import { POLICY, type SecretPolicy } from "../vault/policy.ts";
import type { SecretStatus } from "../vault/vault.ts";
import { type Calls, ended } from "./calls.ts";
import {
  checkCost,
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
  GenerateOptions,
  PasswordCost,
  PasswordHash,
  StatusOptions,
} from "./custodian.ts";
import { Landings } from "./landings.ts";

/** The custodian as the application has it: arguments checked, then asked over the channel. */
export class Client implements Custodian {
  readonly report: CustodianReport;
  readonly #calls: Calls;
  readonly #child: ChildHandle;
  readonly #secrets: Secrets;
  readonly #landings: Landings;
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
    this.#landings = new Landings(secrets);
    this.#closeMilliseconds = closeMilliseconds;
    child.ended.then(() => this.#landings.destroy());
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

  async put(name: string, secret: SecretBuffer, policy?: SecretPolicy): Promise<void> {
    const own = readOptions(policy, "put secret", POLICY, "policy");
    checkSecret(secret, "put", MAX_SECRET);
    await this.#ask("put", { ...naming(name), ...policyFields(own) }, secret);
    secret.destroy();
  }

  async generate(
    name: string,
    type: "key" | "ed25519",
    options?: GenerateOptions,
  ): Promise<Uint8Array | null> {
    const own = readOptions(options, "generate secret", [...POLICY, "byteLength"]);
    const { byteLength } = own;
    if (type !== "key" && type !== "ed25519") {
      throw wrongType('Cannot generate secret as type must be "key" or "ed25519"');
    }
    const { data } = await this.#ask("generate", {
      ...naming(name),
      ...policyFields(own),
      type,
      ...(byteLength === undefined ? {} : { byteLength: checkNumber(byteLength, "byteLength") }),
    });
    return type === "ed25519" ? got(data) : null;
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
        answer: (_, arrival) => this.#landings.lend(got(arrival ?? undefined), use),
      };
    });
  }

  async sign(name: string, data: Uint8Array): Promise<Uint8Array> {
    return got((await this.#ask("sign", { ...naming(name), data: checkData(data, "data") })).data);
  }

  async hmac(
    name: string,
    data: Uint8Array,
    hash: "sha256" | "sha512" = "sha256",
  ): Promise<Uint8Array> {
    if (hash !== "sha256" && hash !== "sha512") {
      throw wrongType('Cannot authenticate as hash must be "sha256" or "sha512"');
    }
    const fields = { ...naming(name), data: checkData(data, "data"), hash };
    return got((await this.#ask("hmac", fields)).data);
  }

  async encrypt(
    name: string,
    secret: SecretBuffer,
    additional: Uint8Array = NOTHING,
  ): Promise<Uint8Array> {
    checkSecret(secret, "encrypt", MAX_DATA);
    const fields = { ...naming(name), additional: checkData(additional, "additional") };
    return got((await this.#ask("encrypt", fields, secret)).data);
  }

  async decrypt(
    name: string,
    sealed: Uint8Array,
    additional: Uint8Array = NOTHING,
  ): Promise<SecretBuffer> {
    return await this.#calls.ask(() => ({
      operation: "decrypt",
      fields: {
        ...naming(name),
        data: checkData(sealed, "sealed"),
        additional: checkData(additional, "additional"),
      },
      secret: undefined,
      answer: (_, arrival) => {
        const { byteLength, openInto } = got(arrival ?? undefined);
        const secret = this.#secrets.allocate(byteLength);
        try {
          secret.modify(openInto);
          return secret;
        } catch (error) {
          secret.destroy();
          throw error;
        }
      },
    }));
  }

  async derive(
    name: string,
    as: string,
    context: Uint8Array,
    options?: GenerateOptions,
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

  async equals(name: string, other: SecretBuffer | string): Promise<boolean> {
    if (typeof other === "string") {
      const fields = { ...naming(name), other: checkName(other, "other") };
      return got((await this.#ask("equals", fields)).holds);
    }
    checkSecret(other, "compare", MAX_SECRET);
    return got((await this.#ask("equals", naming(name), other)).holds);
  }

  async hashPassword(name: string, cost: PasswordCost): Promise<PasswordHash> {
    const { passes, memoryBytes } = checkCost(
      readOptions(cost, "hash password", ["passes", "memoryBytes"], "cost"),
    );
    const { salt, data } = await this.#ask("hashPassword", {
      ...naming(name),
      passes,
      memoryBytes,
    });
    return { passes, memoryBytes, salt: got(salt), hash: got(data) };
  }

  async verifyPassword(name: string, stored: PasswordHash): Promise<boolean> {
    const names = ["passes", "memoryBytes", "salt", "hash"] as const;
    const own = readRecord(stored, "verify password", "hash", names);
    const { passes, memoryBytes } = checkCost(own);
    const salt = checkData(own.salt, "salt");
    const data = checkData(own.hash, "hash");
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
      this.#landings.destroy();
    }
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

const PROMPT = ["maxBytes", "mask", "from", "isNew"] as const;

/** Where the custodian's program finds what a prompt reads. */
const DESCRIPTORS: ReadonlyMap<string, number | undefined> = new Map([
  ["terminal", undefined],
  ["stdin", 0],
  ["input", 4],
]);

const NOTHING = new Uint8Array(0);
