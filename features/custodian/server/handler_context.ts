import type { CryptoEngine, Secrets } from "../../../core/mod.ts";
import type { PromptSecret } from "../../prompt/types.ts";
import { channelError } from "../protocol/channel_error.ts";
import type { Fields } from "../protocol/fields.ts";
import type { Arrival } from "../protocol/session.ts";
import type { CustodianVault } from "../vault/vault.ts";

/** What the operations of a custodian work with. */
export interface HandlerContext {
  readonly engine: CryptoEngine;
  readonly secrets: Secrets;
  readonly vault: CustodianVault;
  readonly prompt: PromptSecret;
  /** Ends the prompts that wait. */
  readonly prompts: Set<AbortController>;
}

/** Sends the answer; `secret` is sealed from where it lies, before the call returns. */
export type Reply = (fields: Fields, secret?: Uint8Array) => void;

/** One request. It replies once, or throws what the application is to be told. */
export interface Request {
  readonly fields: Fields;
  readonly arrival: Arrival | null;
  readonly reply: Reply;
}

/** Answers a request, at once or later. What it needs of a secret it does inside one call. */
export type Handler = (context: HandlerContext, request: Request) => void | Promise<void>;

/** A field that the application always sends: without it the peer is none. */
export function need<T>(value: T | undefined): T {
  if (value === undefined) throw channelError("a request lacks a field");
  return value;
}
