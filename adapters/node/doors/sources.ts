/**
 * Where secrets come from, on Node.js.
 *
 * @module
 */
export * from "../../../features/sources/everywhere.ts";
export {
  openDescriptorSource,
  openEnvironmentSource,
  openExecSource,
  openFileSource,
  readSecret,
} from "../sources.ts";
