/**
 * The custodian on Node.js.
 *
 * @module
 */
export type * from "../../../features/custodian/types.ts";
export { openCustodian } from "../custodian.ts";
