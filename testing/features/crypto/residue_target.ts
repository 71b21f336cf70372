import process from "node:process";
import { deriveInto } from "../../../conformance/forensics/derived_needle.ts";
import type { CryptoEngine } from "../../../core/contract/engine.ts";
import type { SecretBuffer } from "../../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../../core/contract/secrets.ts";
import type { SecretCrypto } from "../../../features/crypto/crypto.ts";
import { answerLines } from "./line_loop.ts";
import { USES } from "./uses.ts";

// A target for scans: uses one operation of one engine for each line that it reads, says what became
// public, and then blocks in a read of standard input, so that nothing moves.
//
//     residue_target.ts RUNTIME MEMORY ENGINE
//     live OPERATION SEED    uses it and keeps every secret
//     end                    destroys them all

interface Entry {
  openSecrets(options: { memory: string }): Secrets;
  openCrypto(secrets: Secrets, options: { engine: CryptoEngine | string }): SecretCrypto;
}

const [name = "node", memory = "sodium", engineName = "sodium"] = process.argv.slice(2);
const entry: Entry = await import(`../../../adapters/${name}/mod.ts`);
const secrets = entry.openSecrets({ memory });
const engine = await openEngine();
const crypto = entry.openCrypto(secrets, { engine });
const live: SecretBuffer[] = [];

async function openEngine(): Promise<CryptoEngine> {
  if (engineName === "libsodium") {
    return (await import("../../../engines/libsodium/libsodium_engine.ts")).openLibsodiumEngine();
  }
  if (engineName === "noble")
    return (await import("../../../engines/noble/noble_engine.ts")).nobleEngine();
  return (await import("../../../engines/sodium/mod.ts")).openSodiumEngine();
}

function answer(line: string): string {
  const [what, operation = "", seed = "0"] = line.split(" ");
  if (what === "end") {
    for (const secret of live.splice(0)) secret.destroy();
    return `${secrets.stats.live} live`;
  }
  const use = USES[operation as keyof typeof USES];
  const inputs = use.lengths.map((length, index) => {
    const secret = secrets.allocate(length);
    secret.modify((bytes) => deriveInto(Number(seed) + index, bytes));
    return secret;
  });
  const { secrets: results, open = new Uint8Array(0) } = use.run(crypto, inputs, engine);
  live.push(...inputs, ...results);
  return Buffer.from(open).toString("hex");
}

await answerLines(answer);
