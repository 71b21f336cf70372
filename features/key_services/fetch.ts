import type { PlatformSignal } from "../../core/arguments/foreign.ts";
import type { ReadableBody } from "../../system/readable_body.ts";

/** The part of `fetch` that is used: every platform's own does, and one that presents a client certificate. */
export type KeyServiceFetch = (
  url: string,
  request: KeyServiceRequest,
) => Promise<KeyServiceResponse>;

/** What is asked. */
export interface KeyServiceRequest {
  /** Always POST. */
  readonly method: "POST";
  /** Names in lower case. One of them holds the credential, or the signature that was made with it. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON: names, ciphertext and numbers. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Ends it. */
  readonly signal: PlatformSignal;
  /** Always `manual`: a credential for one machine goes to no other. */
  readonly redirect: "manual";
}

/** What is answered: a `Response` is one. */
export interface KeyServiceResponse {
  /** The HTTP status: an integer from 100 to 599; 0 for a redirection that is not shown. */
  readonly status: number;
  /** Whether the answer comes from another address than the one that was asked. */
  readonly redirected?: boolean;
  /** As `Headers` has it. */
  readonly headers: KeyServiceHeaders;
  /** The bytes of the answer; null: none. */
  readonly body: ReadableBody | null;
}

/** A `Headers` is one. */
export interface KeyServiceHeaders {
  /** The value of a header, or null. */
  readonly get: (name: string) => string | null;
}
