export { makeRecord, ONLY_FIELD, type RecordParts, type SecretRecord } from "./record.ts";
export { type Land, landingOf, type ReadContext, type SecretSource } from "./source.ts";
export { type SourceErrorCode, sourceError } from "./source_error.ts";
