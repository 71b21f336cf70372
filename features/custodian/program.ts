/**
 * The custodian's half alone, for its program: the application's half takes `open_custodian.ts`. Neither
 * loads the other, so that both start sooner and a custodian has no code that it does not run.
 *
 * @module
 */
export { inheritedBunChannel } from "./channel/bun_channel.ts";
export { inheritedChannel } from "./channel/net_channel.ts";
export type { ChannelContext } from "./protocol/channel_context.ts";
export type { Guest, OpenGuest } from "./server/guest.ts";
export { need, type Request } from "./server/handler_context.ts";
export { type CustodianHost, runCustodian } from "./server/run_custodian.ts";
export { writableInputs } from "./writable_inputs.ts";
