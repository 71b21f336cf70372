/**
 * A separate process that holds secrets, and the sealed channel to it.
 *
 * @module
 */
export { inheritedBunChannel } from "./channel/bun_channel.ts";
export { inheritedChannel } from "./channel/net_channel.ts";
export { type ApplicationHost, custodianOpener } from "./open_custodian.ts";
export { type CustodianHost, runCustodian } from "./server/run_custodian.ts";
export type { CustodianCommand } from "./start/mod.ts";
export type * from "./types.ts";
