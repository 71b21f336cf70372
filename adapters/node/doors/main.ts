/**
 * Secret memory on Node.js.
 *
 * @module
 */
export * from "../../../core/door.ts";
export { openSecrets } from "../runtime.ts";
