// A key service to ask: transit, which has the plainest protocol of the three.
import {
  type KeyService,
  type KeyServiceResponse,
  openTransitService,
  type TransitOptions,
} from "../../../features/key_services/mod.ts";
import { ascii } from "../../core/samples.ts";
import { ServiceStage } from "./stage.ts";
import { TransitDouble } from "./transit_double.ts";

/** A double of transit, and the services that ask it for its key `one`. */
export class TransitStage extends ServiceStage {
  readonly vault: TransitDouble = new TransitDouble();

  async start(): Promise<void> {
    this.vault.addKey("one");
    await this.vault.start();
  }

  /** Forgets what a test did. */
  clear(): void {
    this.vault.clear();
    this.secrets.purge();
  }

  readonly service = (options: Partial<TransitOptions> = {}): KeyService => {
    const { address, token } = this.vault;
    const own = { address, key: "one", token: ascii(token), retries: 0, httpOnLoopback: true };
    return openTransitService(this.secrets, { ...own, ...options });
  };
}

const ANSWER = { data: { ciphertext: "vault:v1:QUJD", key_version: 1 } };

/** Answers as the double does, to be changed. */
export async function good(): Promise<Response> {
  return new Response(JSON.stringify(ANSWER), { headers: { "content-type": "application/json" } });
}

/** The least that a fetch may answer, to be changed. */
export function plain(): KeyServiceResponse {
  return {
    status: 200,
    headers: new Headers({ "content-type": "application/json" }),
    body: new Response('{"data":{"ciphertext":"vault:v1:QUJD"}}').body,
  };
}
