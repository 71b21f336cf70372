/**
 * The types of an agent, which compile without those of Node.js.
 *
 * @module
 */
export type { PlatformSignal, SignalLike } from "../../core/arguments/foreign.ts";
export type {
  Agent,
  AgentBinding,
  AgentCaller,
  AgentKey,
  AgentKeyOptions,
  AgentKeyStatus,
  AgentKeyUse,
  AgentOptions,
  AgentReport,
  AgentUse,
  OpenAgent,
} from "./agent.ts";
export type { RefusalReason } from "./protocol/agent_refusal.ts";
export type { CreateSsh2Agent, Ssh2Key } from "./ssh2_agent.ts";
