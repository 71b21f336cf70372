import { wrongType } from "../../core/arguments/argument_error.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { LetheError, type Runtime, type Secrets, secretsOpener } from "../../core/mod.ts";
import { deadlineAt } from "../../system/deadline.ts";
import type { Ffi } from "../../system/ffi.ts";
import { process, TextEncoder } from "../../system/node_builtins.ts";
import { wallClock } from "../../system/timers.ts";
import type { Custodian } from "../custodian/types.ts";
import type {
  Agent,
  AgentCaller,
  AgentKey,
  AgentKeyOptions,
  AgentKeyStatus,
  AgentReport,
  OpenAgent,
} from "./agent.ts";
import type { AgentContext } from "./agent_context.ts";
import { checkAgentKey, checkCustodian, checkSecureHeap } from "./agent_key.ts";
import { type CheckedAgentOptions, checkAgentOptions } from "./agent_options.ts";
import { type CallerOf, callerCheck } from "./caller_check.ts";
import { readCertificate } from "./certificate.ts";
import { Connections } from "./connections.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { AgentListener, Conversation, Line, Listening } from "./listen/agent_listener.ts";
import { AgentLock } from "./lock.ts";
import { OfferedKeys } from "./offered_keys.ts";
import { type AgentPlace, makePlace } from "./place.ts";
import { serve } from "./serve.ts";
import { text } from "./text.ts";

/** What a runtime gives for an agent. */
export interface AgentHost {
  readonly runtime: Runtime;
  readonly listening: Listening;
  /** @throws {LetheError} where there is none that may be loaded unasked */
  openFfi(): Ffi;
}

/** The `openAgent` of a runtime. */
export function agentOpener(host: AgentHost): OpenAgent {
  const openSecrets = secretsOpener(host.runtime);
  return async function openAgent(custodian, options) {
    const checked = checkAgentOptions(options);
    checkCustodian("open agent", custodian);
    if (checked.keyPlace === "secure heap") checkSecureHeap(custodian);
    const secrets = checked.secrets ?? openSecrets();
    const place = makePlace(checked.path);
    try {
      const agent = new ListeningAgent(
        custodian,
        secrets,
        checked,
        place,
        callerCheck(host.openFfi),
      );
      await agent.listen(host.listening);
      return agent;
    } catch (error) {
      place.remove();
      throw error;
    }
  };
}

const ADD = "add key to agent";
let agents = 0;

class ListeningAgent implements Agent {
  readonly path: string;
  readonly closed: Promise<void>;
  readonly #context: AgentContext;
  readonly #connections: Connections;
  readonly #place: AgentPlace;
  readonly #callerOf: CallerOf | { readonly notChecked: string };
  readonly #most: number;
  #report: AgentReport | undefined;
  #listener: AgentListener | undefined;
  #closing: Promise<void> | undefined;
  #settle: () => void = () => undefined;

  constructor(
    custodian: Custodian,
    secrets: Secrets,
    options: CheckedAgentOptions,
    place: AgentPlace,
    callerOf: CallerOf | { readonly notChecked: string },
  ) {
    const { mostConnections, mostKeys, clientMilliseconds, confirm, allow, onUse, keyPlace } =
      options;
    this.path = place.path;
    this.#place = place;
    this.#callerOf = callerOf;
    this.#most = mostKeys;
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const prefix = `ssh agent ${process.pid}.${agents++}`;
    let names = 0;
    const newName = (): string => `${prefix}.${names++}`;
    const offered = new OfferedKeys(mostKeys, ({ name, isOfClient }) => {
      // A custodian that has ended has no key of that name any more.
      if (isOfClient) custodian.delete(name).catch(() => undefined);
    });
    const lock = new AgentLock(custodian, newName);
    const parts = { custodian, secrets, offered, lock, confirm, allow, onUse };
    const purged = (): void => void this.close();
    this.#context = { ...parts, clientMilliseconds, keyPlace, newName, purged };
    this.#connections = new Connections(secrets, mostConnections);
    custodian.ended.then(() => this.close());
  }

  get report(): AgentReport {
    return this.#report as AgentReport;
  }

  async listen({ listen, arrival }: Listening): Promise<void> {
    try {
      this.#listener = await listen(this.path, (line) => this.#accept(line));
      this.#place.protect();
    } catch (error) {
      await this.close();
      throw error;
    }
    const peer = typeof this.#callerOf === "function" ? "checked" : this.#callerOf;
    this.#report = Object.freeze({ peer, arrival });
  }

  add(name: string, key: AgentKey, options?: AgentKeyOptions): void {
    const { type, blob: plain } = checkAgentKey(ADD, name, key);
    const {
      comment = name,
      confirm = false,
      lifetimeSeconds,
      certificate,
    } = readOptions(options, ADD, ["comment", "confirm", "lifetimeSeconds", "certificate"]);
    if (typeof comment !== "string" || typeof confirm !== "boolean") {
      throw wrongType(`Cannot ${ADD} as comment must be a string and confirm a boolean`);
    }
    if (lifetimeSeconds !== undefined) {
      checkInteger(lifetimeSeconds, ADD, "lifetimeSeconds", 1, 0xffff_ffff);
    }
    const blob = certificate === undefined ? plain : readCertificate(certificate, plain, ADD);
    const { offered } = this.#context;
    if (offered.isClosed) {
      throw new LetheError("ERR_LETHE_AGENT", `Cannot ${ADD}: it is closed; open another one`);
    }
    if (!offered.hasRoom(blob)) {
      throw new LetheError(
        "ERR_LETHE_AGENT",
        `Cannot ${ADD}: it has ${this.#most}, the most that it takes; remove some, or raise mostKeys`,
      );
    }
    offered.add({
      blob,
      type,
      certified: certificate !== undefined,
      comment: new TextEncoder().encode(comment),
      name,
      fingerprint: fingerprintOf(blob),
      confirm,
      expires: deadlineAt(
        lifetimeSeconds === undefined ? Infinity : wallClock() + lifetimeSeconds * 1000,
      ),
      isOfClient: false,
    });
  }

  keys(): readonly AgentKeyStatus[] {
    return this.#context.offered
      .all()
      .map(({ fingerprint, comment, type, certified, name, expires, confirm }) => ({
        fingerprint,
        comment: text(comment),
        type,
        certified,
        name,
        expires: expires.wall === Infinity ? null : expires.wall,
        confirm,
      }));
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #end(): Promise<void> {
    await this.#listener?.close();
    this.#context.offered.close();
    await this.#context.lock.close();
    await this.#connections.destroy();
    this.#place.remove();
    this.#settle();
  }

  #accept(line: Line): Conversation | null {
    const caller = this.#callerAt(line);
    if (caller === "refused" || this.#closing !== undefined) return null;
    if (this.#connections.isGone) {
      this.#context.purged();
      return null;
    }
    return serve(this.#context, this.#connections, caller, line);
  }

  /** As ssh-agent has it: this user, and root. */
  #callerAt({ descriptor }: Line): AgentCaller | null | "refused" {
    if (typeof this.#callerOf !== "function") return null;
    const caller = descriptor === null ? null : this.#callerOf(descriptor);
    if (caller === null) return "refused";
    return caller.uid === 0 || caller.uid === process.geteuid?.() ? caller : "refused";
  }
}
