export * from "./everywhere.ts";
export { imageVariables, libcVariables, stringVariables } from "./process_variables.ts";
export {
  ffiPipes,
  type OpenProgramPipe,
  openHandlePipe,
  type ProgramPipe,
} from "./program_pipe.ts";
export { type SourcePorts, sourcesOver } from "./sources_here.ts";
