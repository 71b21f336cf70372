// What the suite is run against. The certifying program and its target share it.

import { openSecrets } from "lethe";
import type { ServedSubject } from "lethe/conformance";
import sodium from "libsodium-wrappers-sumo";
import { FirstTry } from "./first_try.ts";
import { WasmMemory } from "./memory.ts";

await sodium.ready;

export function subject(name: string | undefined): ServedSubject {
  return {
    memory: () => (name === "first-try" ? new FirstTry() : new WasmMemory()),
    openSecrets, // of a runtime: it can abort the process, so that X1 and X2 are run
  };
}
