// Run by the hostile tests in each runtime: hostile_probe.ts <memory>. Opens secrets and lets one live in
// every way; each step must work, or fail with a LetheError. Then nothing of it may be left.

import { writeSync } from "node:fs";
import process from "node:process";
import type * as Adapter from "../../../adapters/node/mod.ts";
import { deriveInto } from "../../../conformance/forensics/derived_needle.ts";
import { LetheError, offHeapBytes, type SecretBuffer } from "../../../core/mod.ts";
import { openEnclaves } from "../../../features/enclave/open_enclaves.ts";

const SEED = 7301;
const LENGTH = 64;
const runtime = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
const adapter: typeof Adapter = await import(`../../../adapters/${runtime}/mod.ts`);
const [, , memory = "auto"] = process.argv;
const steps: Record<string, string> = {};
const reasons: string[] = [];

const tell = (message: object): void => void writeSync(1, `${JSON.stringify(message)}\n`);

/** What is not a LetheError is a stack on standard error, and a status that no test expects. */
function step<T>(name: string, work: () => T): T | undefined {
  try {
    const result = work();
    steps[name] = "ok";
    return result;
  } catch (error) {
    if (!(error instanceof LetheError)) throw error;
    steps[name] = error.code;
    reasons.push(error.message);
    return undefined;
  }
}

function bytes(): Uint8Array<ArrayBuffer> {
  const filled = offHeapBytes(LENGTH);
  deriveInto(SEED, filled);
  return filled;
}

/** Against a second derivation that goes through secret memory. */
function isRight(secret: SecretBuffer): string {
  const again = secrets?.move(bytes());
  const right = again?.equals(secret) === true;
  again?.destroy();
  if (!right) throw new Error("the bytes are not those that went in");
  return "right";
}

const witness = offHeapBytes(512);
deriveInto(SEED + 1, witness);
Object.assign(globalThis, { witness });

const secrets = step("open", () => adapter.openSecrets({ memory }));
if (secrets !== undefined) {
  const secret = step("move", () => secrets.move(bytes()));
  if (secret !== undefined) {
    step("use", () => isRight(secret));
    step("freeze", () => secret.clone().freeze().destroy());
    const enclave = step("seal", () => openEnclaves(secrets).seal(secret.clone()));
    if (enclave !== undefined) {
      step("expose", () => enclave.expose((opened) => opened.length));
      const opened = step("unseal", () => enclave.unseal());
      if (opened !== undefined) step("use unsealed", () => isRight(opened));
      opened?.destroy();
      enclave.destroy();
    }
    step("destroy", () => secret.destroy());
  }
  step("random", () => secrets.random(33).destroy());
  step("large", () => secrets.allocate(100_000).destroy());
  step("many", () => {
    const many = Array.from({ length: 40 }, () => secrets.allocate(32));
    for (const each of many) each.destroy();
  });
  step("purge", () => secrets.purge());
}
for (const { evidence } of Object.values(secrets?.guarantees ?? {})) reasons.push(evidence);
const passedOver = secrets?.passedOver ?? [];
reasons.push(...passedOver.map(({ reason }) => reason));
tell({
  pid: process.pid,
  steps,
  memory: secrets?.memory ?? null,
  locked: secrets?.guarantees.locked.level ?? null,
  reasons: reasons.join("\n"),
  passedOver: passedOver.map((each) => each.memory),
});
tell({ over: true, witness: witness.length });
process.stdin.once("data", () => process.exit(0));
