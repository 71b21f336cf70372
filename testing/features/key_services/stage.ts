// What the tests of key services have in common.
import { openSecrets } from "../../../adapters/node/mod.ts";
import type { KeyWrapper, Land } from "../../../core/contract/key_wrapper.ts";
import type { Secrets } from "../../../core/mod.ts";
import {
  doubled,
  type Envelopes,
  type KeyService,
  openEnvelopes,
} from "../../../features/envelopes/mod.ts";
import type { KeyServiceError } from "../../../features/key_services/mod.ts";

/** The secrets of a test file, its envelopes, and a way to put a key service behind an identity. */
export class ServiceStage {
  readonly secrets: Secrets = openSecrets({ memory: "heap" });
  readonly envelopes: Envelopes = openEnvelopes(this.secrets);
  readonly land: Land = (byteLength, fill) => this.secrets.land(byteLength, fill);

  /** A new identity behind a service. */
  behind(outer: KeyService): KeyWrapper {
    return doubled(this.envelopes.createIdentity(), outer);
  }

  /** Wraps a new file key with a new identity behind a service. */
  async wrap(outer: KeyService): Promise<number> {
    return (await this.behind(outer).wrap(this.secrets.random(16))).length;
  }
}

/** What a call ends with, which must be an error. */
export async function errorOf(pending: unknown): Promise<KeyServiceError> {
  try {
    await pending;
  } catch (error) {
    return error as KeyServiceError;
  }
  throw new Error("it does not reject");
}
