/** A process with a key in its secure heap, and with what its argument asks for. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import process from "node:process";
import { mask } from "../../../conformance/forensics/derived_needle.ts";
import { SecureHeapKey } from "../../../features/custodian/vault/secure_heap.ts";

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** What a scan has to find. */
const witness = Buffer.from("the witness, in both processes: 4711");

function generated(): SecureHeapKey {
  const key = SecureHeapKey.generate();
  if (key instanceof SecureHeapKey) return key;
  throw new Error(key.reason);
}

if (process.argv[2] === "shrink") {
  let other: KeyObject | null = generateKeyPairSync("x25519").privateKey;
  const key = generated();
  key.agree(() => say("agreed"));
  if (other.type === "private") other = null;
  await new Promise((resolve) => setTimeout(resolve, 10));
  (globalThis as { gc?: () => void }).gc?.();
  await new Promise((resolve) => setTimeout(resolve, 10));
  try {
    key.agree(() => say("agreed again"));
  } catch (error) {
    say(String((error as { code?: unknown }).code));
  }
} else {
  const key = generated();
  let masked: Uint8Array = new Uint8Array(0);
  for (let round = 0; round < 20; round++) {
    key.agree((shared) => {
      masked = mask(7401, shared);
    });
  }
  say(Buffer.from(masked).toString("hex"));
  setInterval(() => witness.length, 1e6);
}
