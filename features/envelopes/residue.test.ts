import * as node from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Needle } from "../../conformance/mod.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { ScannedFolder, SUBJECTS, type Subject } from "../../testing/features/residue/scanned.ts";
import { SOAK } from "../../testing/tier.ts";
import { formatKey, parseKey } from "../keys/mod.ts";
import { bech32Encode, bech32Length } from "./bech32.ts";
import { copyOf, within } from "./bytes.ts";
import { parseHeader } from "./header.ts";
import { type Identity, openEnvelopes, type Recipient } from "./mod.ts";

/** Each with the engine of its secrets; one with the others too. */
const CASES: readonly (readonly [...Subject, engine: string])[] = [
  ...SUBJECTS.map((subject) => [...subject, "auto"] as const),
  ["node", "sodium", "libsodium"],
  ["node", "sodium", "noble"],
];

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
const [small, large, phrase] = [100, 150_000, 24].map((length) =>
  copyOf(node.randomBytes(length)),
) as [Bytes, Bytes, Bytes];
type Bytes = Uint8Array<ArrayBuffer>;
let folder: ScannedFolder;
let openers: readonly Identity[] = [];

const add = (label: string, bytes: Uint8Array): void => folder.add(label, bytes);
const put = (name: string, bytes: Uint8Array): void => folder.put(name, bytes);

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
  const names = readdirSync(folder.path).filter((name) => /^(made|sealed|phrase)\./.test(name));
  for (const name of names) {
    const bytes = copyOf(readFileSync(join(folder.path, name)));
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
    folder = new ScannedFolder("envelopes");
    await prepare();
  });
  afterAll(() => folder.remove());

  it.each(CASES)(
    "on %s, %s memory, engine %s: no file key, payload key, identity, passphrase or payload is left",
    { timeout: 300_000 },
    async (runtime, memory, engine) => {
      const probe = {
        program: PROGRAM,
        subject: [runtime, memory],
        words: [engine],
        codes: ["ERR_LETHE_ENVELOPE_ADDRESS", "ERR_LETHE_ENVELOPE_CONTEXT", "ERR_LETHE_FORGED"],
      } as const;
      await folder.scan(probe, async () => {
        expect(await addKeys()).toBe(24);
        return engine === "noble" ? folder.needles.filter(isNeverLeft) : folder.needles;
      });
    },
  );
});

const PROGRAM = fileURLToPath(
  new URL("../../testing/features/envelopes/residue_probe.ts", import.meta.url),
);
