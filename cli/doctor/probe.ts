/**
 * The program that doctor starts in each runtime, once for each memory.
 *
 *     probe.ts list                 the memories that the runtime offers, and which one it takes unasked
 *     probe.ts hold MEMORY SEED     one secret's life, a line for each step
 *
 * It is derived from SEED, byte by byte into secret memory, so that no command line, no pipe and no
 * other object of this process ever holds it. After each line it blocks in a read, so that the
 * scanner looks at exactly that moment: no tick, no collection and no timer lies between.
 */
import { writeSync } from "node:fs";
import { deriveInto } from "../../conformance/mod.ts";
import { LetheError, offHeapBytes, type Runtime, type SecretBuffer } from "../../core/mod.ts";
import { type Entry, entryHere } from "../entry_here.ts";
import { pause } from "../pause.ts";
import { controlSeed, SECRET_BYTES } from "./needles.ts";

function tell(message: object): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

function list({ runtime, openSecrets }: Entry): void {
  const { memory, passedOver } = openSecrets();
  tell({ memories: runtime.memories.map(({ name }) => name), automatic: { memory, passedOver } });
}

function hold({ runtime, openSecrets }: Entry, memory: string, seed: number): void {
  const secrets = openSecrets({ memory });
  // Ordinary bytes that the scanner has to find each time: a look that sees nothing proves nothing.
  const control = offHeapBytes(SECRET_BYTES);
  deriveInto(controlSeed(seed), control);
  const secret = secrets.allocate(SECRET_BYTES);
  secret.modify((bytes) => deriveInto(seed, bytes));
  tell({ step: "live", guarantees: secret.guarantees });
  pause();
  tell({ step: "used", correct: use(secret, seed) });
  pause();
  secret.destroy();
  tell({ step: "destroyed" });
  pause();
  tell({ step: "damaged", code: writeBefore(runtime, memory) });
  control.fill(0);
  tell({ step: "touching" });
  touchAtRest(runtime, memory);
  tell({ step: "survived" });
}

/** Reads the secret through `expose`, against a second derivation that goes through secret memory. */
function use(secret: SecretBuffer, seed: number): boolean {
  const again = secret.clone();
  again.modify((bytes) => deriveInto(seed, bytes));
  const correct = secret.equals(again);
  again.destroy();
  return correct;
}

/** Damages the byte before the data where a view reaches it, and gives the code that destroy raises. */
function writeBefore({ memories }: Runtime, name: string): string | null {
  const region = memories
    .find((provider) => provider.name === name)
    ?.open()
    .allocate(SECRET_BYTES);
  if (region === undefined || region.guarantees.canary.level === "none") return null;
  region.protect("read-write");
  const { buffer, byteOffset } = region.view();
  if (byteOffset === 0) return null;
  const all = new Uint8Array(buffer);
  all[byteOffset - 1] = ~(all[byteOffset - 1] as number);
  region.wipe();
  region.detach();
  region.protect("no-access");
  try {
    region.release();
    return "unnoticed";
  } catch (error) {
    return error instanceof LetheError ? error.code : "another error";
  }
}

/** Keeps a view over pages that are closed, which a program cannot: the traps must end it here. */
function touchAtRest({ memories }: Runtime, name: string): void {
  const region = memories
    .find((provider) => provider.name === name)
    ?.open()
    .allocate(SECRET_BYTES);
  if (region === undefined) return;
  region.protect("read-write");
  const view = region.view();
  region.protect("no-access");
  tell({ step: "touched", byte: view[0] });
}

const [task, memory = "", seed = ""] = process.argv.slice(2);
try {
  const found = await entryHere();
  if (task === "list") list(found);
  else hold(found, memory, Number(seed));
} catch (error) {
  if (!(error instanceof LetheError)) throw error;
  tell({ step: "unavailable", reason: error.message });
}
