import process from "node:process";
import type { ServedSubject } from "../../../conformance/subject.ts";
import type { Secrets } from "../../../core/mod.ts";
import { HeapMemory } from "../../../memories/heap/mod.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** A program that wipes its secrets when it ends: on `exit`, and on the signals that end it. */
export const WIPING_PROGRAM: ServedSubject = {
  memory: () => new HeapMemory(),
  wipeOnExit(secrets: Secrets) {
    process.on("exit", () => secrets.purge());
    for (const [index, signal] of SIGNALS.entries()) {
      process.on(signal, () => process.exit(128 + index));
    }
  },
};

/** The same without the signals, which end a process past `exit`. */
export const FORGETFUL_PROGRAM: ServedSubject = {
  memory: () => new HeapMemory(),
  wipeOnExit(secrets: Secrets) {
    process.on("exit", () => secrets.purge());
  },
};
