import type { EngineOption } from "../../core/engine_choice.ts";
import type { StandardSecretV1 } from "../../core/standard/standard.ts";
import type { OnKeyUse } from "./key_use.ts";

/** How to open `Envelopes`. The default of `engine` is the choice of the secrets. */
export interface EnvelopesOptions extends EngineOption {
  /** Gets every {@link KeyUse} that these envelopes make of a recipient or an identity. Default: nobody does. */
  readonly onUse?: OnKeyUse;
}

/** What an envelope is for, and how it is written. */
export interface SealOptions {
  /**
   * 1 to 4096 public bytes that say what the envelope is for, such as a name and a version. They stand in the open at its
   * head, authenticated with it; `open` must then be given the same. Not with a passphrase.
   */
  readonly context?: Uint8Array;
  /** Whether the envelope is text (PEM) instead of bytes. Default: false. */
  readonly armor?: boolean;
}

/** How a stream is sealed. */
export type SealStreamOptions = Pick<SealOptions, "context">;

/** What an envelope must be for. */
export interface OpenOptions {
  /** The context that it must have been sealed with. Without it, one that has a context is refused. */
  readonly context?: Uint8Array;
}

/** How an identity file is read. */
export interface ParseIdentitiesOptions {
  /** For an SSH key that is encrypted. */
  readonly passphrase?: StandardSecretV1;
}
