import type { ChannelContext } from "../protocol/channel_context.ts";
import type { Request } from "./handler_context.ts";

/**
 * What a separate process is started for in the place of a vault: code of others that no process with secrets of others may
 * have in it, such as a PKCS#11 module.
 *
 * - GUEST-1: a process has a vault or a guest. A request for the other kind ends it
 */
export interface Guest {
  /** Answers a request, once, or throws what the application is to be told. */
  answer(request: Request): void | Promise<void>;
  /** Destroys what it holds. Idempotent; it never throws. */
  destroy(): void;
}

/** Loads the code of a guest, when a process is opened for it. */
export type OpenGuest = (context: ChannelContext) => Promise<Guest>;
