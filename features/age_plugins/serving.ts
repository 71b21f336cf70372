import { LetheError, type SecretBuffer, type Secrets } from "../../core/mod.ts";
import type { Envelopes } from "../envelopes/mod.ts";
import type { Dialogue } from "./dialogue.ts";

/** A key pair out of a key file. */
export interface OpenedKey {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly secretKey: SecretBuffer;
}

/** Where the private keys are. Both throw a {@link LetheError} for a file that cannot be used. */
export interface KeyHolder {
  /** Whether somebody will be asked for a passphrase. */
  isSealed(path: string): boolean;
  /** The X25519 key of a file. Its secret is the caller's to destroy. */
  open(path: string): Promise<OpenedKey>;
}

/** What the two state machines of a plugin work with. */
export interface Serving {
  readonly secrets: Secrets;
  readonly envelopes: Envelopes;
  readonly holder: KeyHolder;
  readonly dialogue: Dialogue;
}

/** A client that breaks the protocol. `reason` ends with what the user can do. */
export function serveFailure(reason: string): LetheError {
  return new LetheError("ERR_LETHE_WRAPPER", `Cannot serve age: ${reason}`);
}

export const TOO_MUCH = "it says more than a plugin of Lethe keeps; give it fewer keys at once";
