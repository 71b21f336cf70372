import type { Secrets } from "../../core/mod.ts";
import type { Custodian, KeyPlace } from "../custodian/types.ts";
import type { AgentBinding, AgentCaller, AgentOptions } from "./agent.ts";
import type { AgentLock } from "./lock.ts";
import type { OfferedKeys } from "./offered_keys.ts";

/** What an agent's requests work with. */
export interface AgentContext {
  readonly custodian: Custodian;
  readonly secrets: Secrets;
  readonly offered: OfferedKeys;
  readonly lock: AgentLock;
  readonly confirm: AgentOptions["confirm"];
  readonly allow: AgentOptions["allow"];
  readonly onUse: AgentOptions["onUse"];
  /** How long a request may take to arrive, and its answer to be read. */
  readonly clientMilliseconds: number;
  /** Where keys of clients are kept. */
  readonly keyPlace: KeyPlace;
  /** The secrets were purged, and with them the room for what clients send: closes the agent. Idempotent. */
  purged(): void;
  /** A name that no secret of the custodian has yet. */
  newName(): string;
}

/** What an agent knows of a connection. */
export interface CallerState {
  readonly caller: AgentCaller | null;
  /** Aborted when its client has left. */
  readonly left: AbortSignal;
  /** The SSH connections that it has proven. */
  readonly bindings: (AgentBinding & { readonly sessionId: Uint8Array })[];
}
