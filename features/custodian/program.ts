/**
 * The custodian's half alone, for its program: the application's half takes `open_custodian.ts`. Neither
 * loads the other, so that both start sooner and a custodian has no code that it does not run.
 *
 * @module
 */
export { inheritedBunChannel } from "./channel/bun_channel.ts";
export { inheritedChannel } from "./channel/net_channel.ts";
export { type CustodianHost, runCustodian } from "./server/run_custodian.ts";
