/**
 * Keys of services on the network (OpenBao or Vault transit, AWS KMS, Google Cloud KMS), as the outer side of the keys of
 * envelopes.
 *
 * @module
 */
export type { PlatformSignal, SignalLike } from "../../core/arguments/foreign.ts";
export type { BodyReader, ReadableBody } from "../../system/readable_body.ts";
export type { KeyService } from "../envelopes/key_service.ts";
export type { AwsCredentials, LentAwsCredentials } from "./aws_credentials.ts";
export { type AwsKmsOptions, openAwsKmsService } from "./aws_kms.ts";
export type { Credential, LendCredential } from "./credential.ts";
export type {
  KeyServiceFetch,
  KeyServiceHeaders,
  KeyServiceRequest,
  KeyServiceResponse,
} from "./fetch.ts";
export { type GcpKmsOptions, openGcpKmsService } from "./gcp_kms.ts";
export {
  type KeyServiceAnswer,
  KeyServiceError,
  type KeyServiceFault,
} from "./key_service_error.ts";
export type { KeyServiceOptions } from "./options.ts";
export { openTransitService, type TransitOptions } from "./transit.ts";
