/**
 * Where secrets come from, on Bun.
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
