import { process } from "./node_builtins.ts";

/** A signal by its name, as `process.on` takes it. */
export type Signal = NodeJS.Signals;

/** Signals by which a person, a terminal, a supervisor or the system asks a program to end. */
export const ENDING_SIGNALS: readonly Signal[] =
  process.platform === "win32"
    ? ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"]
    : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
