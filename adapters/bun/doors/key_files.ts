/**
 * Key files on Bun.
 *
 * @module
 */
export type * from "../../../features/key_files/types.ts";
export { openKeyFiles } from "../key_files.ts";
