/**
 * Reads a secret from a keyring again and again, or stores it, in the runtime that runs this, and waits to be looked into.
 *
 *     residue_probe KIND REFERENCE MEMORY SEED BYTES [store]
 */
import process from "node:process";
import { deriveInto } from "../../../conformance/forensics/derived_needle.ts";
import type { OpenSecrets } from "../../../core/mod.ts";
import type { SecretService } from "../../../features/keyrings/types.ts";
import { landingOf, type SecretSource } from "../../../features/sources/mod.ts";
import { programArguments } from "../../memories/pages/runtime.ts";
import { openKeyring } from "./open_keyring.ts";

const [kind = "", reference = "", memory = "", seed = "", byteLength = "", verb = "read"] =
  programArguments();
const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const { openSecrets } = (await import(`../../../adapters/${runtime}/mod.ts`)) as {
  readonly openSecrets: OpenSecrets;
};

const ROUNDS = 40;
const secrets = openSecrets({ memory });
/** What a program does without this: the scan that finds it finds the others as well. */
const witness = new Uint8Array(new ArrayBuffer(512));
deriveInto(Number(seed) + 1, witness);

async function live(): Promise<string> {
  const expected = secrets.land(Number(byteLength), (page) => deriveInto(Number(seed), page));
  try {
    const source: SecretSource = await openKeyring(kind, runtime);
    if (kind === "kernel") (source as ReturnType<typeof asKernel>).add(reference, expected);
    for (let round = 0; round < ROUNDS; round++) {
      if (verb === "store") {
        (source as SecretService).store(reference, expected, "lethe");
        continue;
      }
      const record = await source.read(reference, { land: landingOf(secrets) });
      const same = record.field().equals(expected);
      record.destroy();
      if (!same) return "other bytes";
    }
    if (kind === "kernel") (source as ReturnType<typeof asKernel>).revoke(reference);
    return "ok";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  } finally {
    expected.destroy();
  }
}

function asKernel(source: SecretSource): SecretSource & {
  add(reference: string, secret: unknown): void;
  revoke(reference: string): void;
} {
  return source as never;
}

const outcome = await live();
const said = { outcome, memory: secrets.memory, live: secrets.stats.live, kept: witness.length };
process.stdout.write(`ready ${process.pid} ${JSON.stringify(said)}\n`);
await new Promise((resolve) => process.stdin.once("end", resolve).resume());
