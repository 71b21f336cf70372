import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { expect } from "vitest";
import {
  type Agent,
  type AgentKeyUse,
  type AgentOptions,
  type AgentUse,
  type Custodian,
  openAgent,
  openCustodian,
  openSecrets,
  type Secrets,
} from "../../../adapters/node/mod.ts";
import { blobOf } from "./keys.ts";

/** An agent over a custodian, what it is answered when it asks, and what it notes. */
export class AgentStage {
  readonly secrets: Secrets;
  readonly custodian: Custodian;
  readonly agent: Agent;
  readonly #said: Said;

  private constructor(secrets: Secrets, custodian: Custodian, agent: Agent, said: Said) {
    this.secrets = secrets;
    this.custodian = custodian;
    this.agent = agent;
    this.#said = said;
  }

  /** With a custodian of its own. */
  static async open(options: AgentOptions = {}): Promise<AgentStage> {
    const secrets = openSecrets();
    const custodian = await openCustodian({ secrets });
    return AgentStage.over(custodian, { secrets, ...options });
  }

  static async over(custodian: Custodian, options: AgentOptions): Promise<AgentStage> {
    const { secrets = openSecrets() } = options;
    const said: Said = { ...START, asked: [], uses: [] };
    const agent = await openAgent(custodian, {
      secrets,
      confirm(use) {
        said.asked.push(use);
        if (said.answer instanceof Error) throw said.answer;
        return said.answer;
      },
      allow: () => said.isAllowed,
      onUse(use) {
        if (said.fault !== null) throw said.fault;
        said.uses.push(use);
      },
      ...options,
    });
    return new AgentStage(secrets, custodian, agent, said);
  }

  /** What `confirm` answers, or throws. */
  set answer(answer: boolean | Error) {
    this.#said.answer = answer;
  }

  set isAllowed(isAllowed: boolean) {
    this.#said.isAllowed = isAllowed;
  }

  /** What `onUse` throws. */
  set fault(fault: Error) {
    this.#said.fault = fault;
  }

  get asked(): readonly AgentKeyUse[] {
    return this.#said.asked;
  }

  get uses(): readonly AgentUse[] {
    return this.#said.uses;
  }

  /** A key that is made in the custodian and offered. @returns it on the wire */
  async offer(
    name: string,
    policy: Parameters<Custodian["generate"]>[2] = {},
    options: { readonly confirm?: boolean } = {},
  ): Promise<Uint8Array> {
    const publicKey = await this.custodian.generate(name, "ed25519", policy);
    this.agent.add(name, { type: "ed25519", publicKey }, options);
    return blobOf(publicKey);
  }

  outcomes(): readonly string[] {
    return this.uses.map(({ action, outcome }) => `${action}: ${outcome}`);
  }

  /** Before each test. */
  reset(): void {
    Object.assign(this.#said, { ...START, asked: [], uses: [] });
  }

  /** Names of secrets that clients brought into the custodian. */
  async left(): Promise<readonly string[]> {
    const { secrets } = await this.custodian.status({ most: 1000 });
    return secrets.map(({ name }) => name).filter((name) => name.startsWith("ssh agent"));
  }

  /** Closes the agent, and expects nothing of it to be left. */
  async closeAgent(): Promise<void> {
    await this.agent.close();
    expect(existsSync(dirname(this.agent.path))).toBe(false);
    expect(await this.left()).toEqual([]);
  }

  async close(): Promise<void> {
    await this.closeAgent();
    await this.custodian.close();
  }
}

const START = { answer: true, isAllowed: true, fault: null } as const;

interface Said {
  answer: boolean | Error;
  isAllowed: boolean;
  fault: Error | null;
  asked: AgentKeyUse[];
  uses: AgentUse[];
}
