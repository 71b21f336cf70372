import * as node from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { expectNoResidue, type Needle } from "../../conformance/mod.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { RUNTIMES, startWaiting } from "../../testing/features/key_files/children.ts";
import { SOAK } from "../../testing/tier.ts";
import { formatKey, parseKey } from "../keys/mod.ts";
import { bech32Encode, bech32Length } from "./bech32.ts";
import { copyOf, within } from "./bytes.ts";
import { parseHeader } from "./header.ts";
import { type Identity, openEnvelopes, type Recipient } from "./mod.ts";

/** Memory that a scan can read; with secretmem, under LETHE_SOAK, only copies outside of it would show. */
const SUBJECTS: readonly (readonly string[])[] = [
  ["node", "sodium"],
  ...(SOAK
    ? [
        ["deno", "pages"],
        ["bun", "pages"],
        ["node", "heap"],
        ["node", "sodium", "libsodium"],
        ["node", "sodium", "noble"],
        ["node", "secretmem"],
        ["deno", "secretmem"],
        ["bun", "secretmem"],
      ]
    : []),
];

const INSTALLED: readonly (readonly [string, string, string])[] = SUBJECTS.flatMap(
  ([runtime = "", memory = "", engine = "auto"]) =>
    existsSync(RUNTIMES[runtime]?.[0] ?? "") ? [[runtime, memory, engine] as const] : [],
);

/** V8 copies nothing and reuses nothing then: what was ever put on its heap is there to be found. */
const NO_COLLECTION = ["--min-semi-space-size=128", "--max-semi-space-size=128"];

function commandOf(runtime: string): readonly string[] {
  const [file = "", ...words] = RUNTIMES[runtime] ?? [];
  if (runtime === "node") return [file, ...NO_COLLECTION, ...words];
  const flags = `--v8-flags=--expose-gc,${NO_COLLECTION.join()}`;
  return [file, ...words.map((word) => (word.startsWith("--v8-flags=") ? flags : word))];
}

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
const needles: Needle[] = [];
const [small, large, phrase, leaky] = [100, 150_000, 24, 32].map((length) =>
  copyOf(node.randomBytes(length)),
) as [Bytes, Bytes, Bytes, Bytes];
type Bytes = Uint8Array<ArrayBuffer>;
let folder = "";
let openers: readonly Identity[] = [];

function add(label: string, bytes: Uint8Array): void {
  needles.push({ label, bytes: copyOf(bytes) });
  // As words of 32 bits lie in memory.
  if (bytes.length % 4 === 0 && bytes.length <= 64)
    needles.push({ label: `${label}, swapped`, bytes: copyOf(Buffer.from(bytes).swap32()) });
}

const put = (name: string, bytes: Uint8Array): void =>
  writeFileSync(join(folder, name), bytes, { mode: 0o600 });

/** Keys of each kind, and envelopes for them. */
async function prepare(): Promise<void> {
  const native = copyOf(node.randomBytes(32));
  const text = new Uint8Array(bech32Length("AGE-SECRET-KEY-", 32));
  bech32Encode("AGE-SECRET-KEY-", native, text);
  add("X25519 key", native);
  add("X25519 key as text", text.subarray(16));
  put("identity.native", text);
  const ed25519 = node.generateKeyPairSync("ed25519").privateKey;
  const seed = Buffer.from(ed25519.export({ format: "jwk" }).d ?? "", "base64url");
  add("Ed25519 seed", seed);
  const hash = node.createHash("sha512").update(seed).digest();
  add("Ed25519 scalar before its bits", hash.subarray(0, 32));
  add("Ed25519 prefix", hash.subarray(32));
  putKey("identity.ed25519", ed25519);
  const recipients: Recipient[] = [...envelopes.parseIdentities(copyOf(text)), useKey(ed25519)];
  if (SOAK) {
    const rsa = node.generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const jwk = rsa.export({ format: "jwk" }) as Record<string, string>;
    for (const name of ["d", "p", "q", "dp", "dq", "qi"]) {
      add(`RSA ${name}`, Buffer.from(jwk[name] ?? "", "base64url"));
    }
    putKey("identity.rsa", rsa);
    recipients.push(useKey(rsa));
  }
  const passphrase = secrets.move(copyOf(phrase));
  const byPhrase = envelopes.usePassphrase(passphrase, { logWork: 10 });
  openers = [...(recipients as unknown as Identity[]), byPhrase];
  put("passphrase", phrase);
  put("leaky", leaky);
  add("passphrase", phrase);
  add("payload", small);
  add("beginning of a large payload", large.subarray(0, 64));
  add("middle of a large payload", large.subarray(70_000, 70_064));
  add("end of a large payload", large.subarray(-64));
  put("sealed.small", await envelopes.seal(small, recipients));
  put("sealed.large", await envelopes.seal(large, recipients));
  put("phrase.small", await envelopes.seal(small, [byPhrase]));
}

const parse = (key: node.KeyObject): ReturnType<typeof parseKey> =>
  parseKey(secrets, copyOf(key.export({ type: "pkcs8", format: "der" })));
const useKey = (key: node.KeyObject): Recipient & Identity => envelopes.useKey(parse(key));

function putKey(name: string, key: node.KeyObject): void {
  const file = formatKey(secrets, parse(key), { format: "openssh" });
  file.expose((bytes) => put(name, bytes));
}

/** The file key, payload key and MAC key of each envelope that is there, by their definitions. */
async function addKeys(): Promise<number> {
  const names = readdirSync(folder).filter((name) => /^(made|sealed|phrase)\./.test(name));
  for (const name of names) {
    const bytes = copyOf(readFileSync(join(folder, name)));
    const { stanzas, byteLength } = parseHeader(bytes);
    const land = (length: number, fill: (bytes: Bytes) => void): SecretBuffer => {
      const secret = secrets.allocate(length);
      secret.modify(fill);
      return secret;
    };
    let fileKey: Uint8Array | undefined;
    for (const opener of openers) {
      const secret = await opener.unwrap(stanzas, land);
      fileKey ??= secret?.expose((bytes) => copyOf(bytes));
    }
    if (fileKey === undefined) throw new Error(`${name} opens for nobody`);
    add(`file key of ${name}`, fileKey);
    const nonce = within(bytes, byteLength, byteLength + 16);
    add(`payload key of ${name}`, hkdf(fileKey, nonce, "payload"));
    add(`MAC key of ${name}`, hkdf(fileKey, new Uint8Array(0), "header"));
  }
  return names.length;
}

function hkdf(key: Uint8Array, salt: Uint8Array, info: string): Uint8Array {
  return new Uint8Array(node.hkdfSync("sha256", key, salt, info, 32));
}

/** By the noble engine, which declares that its keys are. */
function isNeverLeft({ label }: Needle): boolean {
  return !/^(?:(?:file|payload|MAC) key of|X25519 key|Ed25519)/.test(label);
}

describe.skipIf(!SOAK || process.platform !== "linux")("residue", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "lethe-envelopes-"));
    await prepare();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(INSTALLED)(
    "on %s, %s memory, engine %s: no file key, payload key, identity, passphrase or payload is left",
    { timeout: 300_000 },
    async (runtime, memory, engine) => {
      const program = fileURLToPath(
        new URL("../../testing/features/envelopes/residue_probe.ts", import.meta.url),
      );
      const command = [...commandOf(runtime), program, runtime, memory, folder, engine];
      const target = await startWaiting<{ codes: readonly string[] }>(command);
      try {
        expect(target.said).toMatchObject({ memory, live: 0 });
        expect(target.said.codes).toEqual([
          "ERR_LETHE_ENVELOPE_ADDRESS",
          "ERR_LETHE_ENVELOPE_CONTEXT",
          "ERR_LETHE_FORGED",
        ]);
        expect(await addKeys()).toBe(24);
        const witness = { label: "leaky", bytes: leaky };
        const needle = engine === "noble" ? needles.filter(isNeverLeft) : needles;
        expectNoResidue({ pid: target.pid, needle, witness });
      } finally {
        await target.stop();
      }
    },
  );
});
