/**
 * Key files on Deno.
 *
 * @module
 */
export type * from "../../../features/key_files/types.ts";
export { openKeyFiles } from "../key_files.ts";
