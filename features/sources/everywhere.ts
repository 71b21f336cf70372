/**
 * What sources are on every runtime, pages included: for authors of sources, and for tests.
 *
 * @module
 */
export { MemorySource } from "./memory_source.ts";
export { makeRecord, ONLY_FIELD } from "./record.ts";
export { landingOf } from "./source.ts";
export { sourceError } from "./source_error.ts";
export type * from "./types.ts";
