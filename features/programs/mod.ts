export { ffiPipes } from "./ffi_pipes.ts";
export { HANDLE_PIPES } from "./handle_pipes.ts";
export { notStarted } from "./not_started.ts";
export type { ProgramInput, ProgramOutput, ProgramPipes } from "./pipes.ts";
export { pathOfProgram } from "./program_path.ts";
export { ProgramRun } from "./program_run.ts";
export { ffiStreams, NODE_STREAMS, type StandardStreams } from "./standard_streams.ts";
export { failureOf, type PipedProgram, startPiped } from "./start_piped.ts";
export { flagsToStart, userHere, usualEnvironment } from "./surroundings.ts";
