// Run by crash.test.ts in each runtime: crash_probe.ts DIRECTORY MEMORY MISUSE. Holds secrets of its own
// and of a key file, and then misuses the key.
import process from "node:process";
import { deriveInto } from "../../../conformance/forensics/derived_needle.ts";
import { entryAtHand } from "./entry.ts";
import { OTHER_SEED, WITNESS_SEED } from "./seeds.ts";

const [directory = "", memory = "", misuse = ""] = process.argv.slice(2);
const { offHeapBytes, openKeyFiles, openSecrets } = await entryAtHand();

/** Stays in ordinary memory: the proof that the core file was read. */
const witness = offHeapBytes(32);
deriveInto(WITNESS_SEED, witness);
Object.assign(globalThis, { witness });

// Of another Secrets, which itself would throw.
const other = openSecrets({ memory }).allocate(32);
other.modify((bytes) => deriveInto(OTHER_SEED, bytes));

const keys = openKeyFiles(openSecrets({ memory }));
const key = keys.read(`${directory}/key`, 32);
const MISUSES: Readonly<Record<string, () => unknown>> = {
  none: () => process.abort(),
  "wrong size": () => keys.read(`${directory}/key`, 31),
  "changed bytes": () => key.modify((bytes) => bytes.fill(1)),
  "use after destroy": () => {
    const second = keys.read(`${directory}/key`, 32);
    keys.destroy(second);
    second.expose((bytes) => bytes.length);
  },
};
try {
  MISUSES[misuse]?.();
} finally {
  process.stdout.write("survived\n");
}
