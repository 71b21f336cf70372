/**
 * Secret memory on Bun.
 *
 * @module
 */
export * from "../../../core/door.ts";
export { openSecrets } from "../runtime.ts";
