/**
 * For authors of an engine: the port that a cryptographic library fills.
 *
 * @module
 */
export {
  type CryptoEngine,
  type EngineProvider,
  OPERATIONS,
  type Operation,
} from "./contract/engine.ts";
export type { EngineOption } from "./engine_choice.ts";
export type { PassedOverEngine } from "./engines.ts";
