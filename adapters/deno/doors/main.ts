/**
 * Secret memory on Deno.
 *
 * @module
 */
export * from "../../../core/door.ts";
export { openSecrets } from "../runtime.ts";
