import process from "node:process";
import { deriveInto } from "../../../conformance/forensics/derived_needle.ts";
import type { SecretBuffer } from "../../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../../core/contract/secrets.ts";
import { formatKey, parseKey } from "../../../features/keys/mod.ts";
import { BRIDGES } from "./bridges.ts";
import { answerLines } from "./line_loop.ts";

// A target for scans: lends secrets to other libraries, and then blocks.
//
//     bridges_target.ts RUNTIME PORT
//     hold INDEX SEED [DATABASE]    crosses the bridge and destroys the secret; keeps what the bridge gave
//     drop                          drops all of that, and collects garbage

const [name = "node", port = "0"] = process.argv.slice(2);
const { openSecrets } = (await import(`../../../adapters/${name}/mod.ts`)) as {
  openSecrets(options: { memory: string }): Secrets;
};
const secrets = openSecrets({ memory: "sodium" });
const held: unknown[] = [];

/** The fixed bytes before an Ed25519 seed in PKCS #8 (RFC 8410, section 7). */
const PKCS8 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
const [BEGIN, END] = ["-----BEGIN PRIVATE KEY-----\n", "\n-----END PRIVATE KEY-----\n"].map(
  (text) => new TextEncoder().encode(text),
) as [Uint8Array, Uint8Array];

function seeded(seed: number, before: readonly number[] = []): SecretBuffer {
  const secret = secrets.allocate(before.length + 32);
  secret.modify((bytes) => {
    bytes.set(before);
    deriveInto(seed, new Uint8Array(bytes.buffer, bytes.byteOffset + before.length, 32));
  });
  return secret;
}

function consume(secret: SecretBuffer, use: (bytes: Uint8Array) => SecretBuffer): SecretBuffer {
  const result = secret.expose(use);
  secret.destroy();
  return result;
}

function make(kind: (typeof BRIDGES)[number]["secret"], seed: number): SecretBuffer {
  if (kind === "key") return seeded(seed);
  const raw = seeded(seed, kind === "token" ? [] : PKCS8);
  if (kind === "pkcs8") return raw;
  if (kind === "openssh") {
    const key = parseKey(secrets, raw);
    const file = formatKey(secrets, key, { format: "openssh" });
    for (const one of [raw, key.secretKey]) one.destroy();
    return file;
  }
  const text = secrets.encode(raw, "base64");
  raw.destroy();
  if (kind === "token") return text;
  return consume(text, (bytes) => {
    const pem = secrets.allocate(BEGIN.length + bytes.length + END.length);
    pem.modify((target) => {
      target.set(BEGIN);
      target.set(bytes, BEGIN.length);
      target.set(END, BEGIN.length + bytes.length);
    });
    return pem;
  });
}

/** In a function of its own: JavaScriptCore's collector takes what lies in the frames of its caller for live. */
async function drop(): Promise<void> {
  await Promise.all(held.splice(0).map((one) => (one as { end?(): unknown } | undefined)?.end?.()));
}

async function collect(): Promise<void> {
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(full: boolean): void } };
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc?.();
    Bun?.gc(true);
  }
}

await answerLines(async (line) => {
  const [what, index = "0", seed = "0", database = ""] = line.split(" ");
  if (what === "drop") {
    await drop();
    await collect();
    return `${secrets.stats.live} live`;
  }
  const bridge = BRIDGES[Number(index)];
  if (bridge === undefined) return "no such bridge";
  const secret = make(bridge.secret, Number(seed));
  try {
    held.push(await bridge.run(secret, Number(port), database));
    return "crossed";
  } catch (error) {
    return `not here: ${(error as Error).message}`;
  } finally {
    secret.destroy();
  }
});
