/** A process with a secure heap, and a key pair in it, for what its argument says goes wrong. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import process from "node:process";
import { openSecrets } from "../../../memories/heap/mod.ts";

const [, , scenario = ""] = process.argv;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const world = globalThis as { gc?: () => void };
const collect = world.gc;

// Before the module takes it.
if (scenario === "stuck") world.gc = () => undefined;
let other: KeyObject | null = generateKeyPairSync("x25519").privateKey;
const { SecureHeapPairs } = await import("../../../features/custodian/vault/secure_heap_pairs.ts");
const pairs = new SecureHeapPairs(openSecrets());

try {
  const pair = pairs.hold("x25519", new Uint8Array(new ArrayBuffer(32)).fill(7));
  pairs.verify();
  say("held");
  if (scenario === "smaller" && other.type === "private") {
    other = null;
    await new Promise((resolve) => setTimeout(resolve, 10));
    collect?.();
    pairs.verify();
  }
  pairs.release([pair]);
  say("released");
  pair.agree(new Uint8Array(new ArrayBuffer(44)), new Uint8Array(32));
} catch (error) {
  say(error instanceof Error ? `${"code" in error ? error.code : ""} ${error.message}` : "failed");
}
