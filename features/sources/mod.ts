export * from "./everywhere.ts";
export { imageVariables, libcVariables, stringVariables } from "./process_variables.ts";
export { contextOf } from "./source.ts";
export { type SourcePorts, sourcesOver } from "./sources_here.ts";
