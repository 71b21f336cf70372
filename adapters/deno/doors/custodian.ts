/**
 * The custodian on Deno.
 *
 * @module
 */
export type * from "../../../features/custodian/types.ts";
export { openCustodian } from "../custodian.ts";
