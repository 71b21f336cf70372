// Run by residue.test.ts in each runtime: residue_probe.ts RUNTIME MEMORY DIRECTORY. It reads each key of
// the folder, writes it in every form, signs, agrees and decrypts with it, refuses what is to be refused, and waits to be scanned.
import { readdirSync } from "node:fs";
import { deriveInto } from "../../../conformance/mod.ts";
import { offHeapBytes, type SecretBuffer, type Secrets } from "../../../core/mod.ts";
import { agreeByPoint } from "../../../features/keys/agreement.ts";
import { decryptOaep } from "../../../features/keys/decryption.ts";
import {
  formatKey,
  type PrivateKey,
  parseKey,
  type WritablePrivateKeyFormat,
} from "../../../features/keys/mod.ts";
import { signatureLength, signMessage } from "../../../features/keys/signing.ts";
import { codeOf, folder, load, secrets, waitForScan } from "../residue/probe.ts";
import { BLINDING_SEED } from "./blinding_seed.ts";

type View = Uint8Array<ArrayBuffer>;

const passphrase = secrets.move(load("passphrase"));
const wrong = secrets.move(load("wrong"));

/** The same secrets, whose random numbers the scan knows: those that blind RSA. */
const blinding = {
  allocate: (byteLength: number) => secrets.allocate(byteLength),
  random(byteLength: number): SecretBuffer {
    const random = secrets.allocate(byteLength);
    random.modify((bytes) => deriveInto(BLINDING_SEED, bytes));
    return random;
  },
} as Secrets;

function write(key: PrivateKey, format: WritablePrivateKeyFormat): void {
  if (format.startsWith("seed") && key.type !== "ed25519") return;
  if (format === "openssh" && key.type === "x25519") return;
  const made: SecretBuffer[] = [formatKey(secrets, key, { format })];
  if (format === "openssh") {
    const cipher = "chacha20-poly1305@openssh.com";
    made.push(formatKey(secrets, key, { format, passphrase, cost: 1 }));
    made.push(formatKey(secrets, key, { format, passphrase, cost: 1, cipher }));
  } else if (format.startsWith("pkcs8")) {
    made.push(formatKey(secrets, key, { format, passphrase, cost: 1000 }));
    const cipher = "aes-256-gcm";
    const options = { format, passphrase, cost: 1024, derivation: "scrypt", cipher } as const;
    made.push(formatKey(secrets, key, options));
  }
  for (const text of made) text.destroy();
}

/** Decrypts what OpenSSL encrypted for the test, and refuses it once it is altered. */
function decrypt(own: View): void {
  const [sealed, label] = [load("message.sealed"), offHeapBytes(1)];
  const expected = secrets.move(load("message"));
  const open = (): boolean =>
    decryptOaep(blinding, own, "sha256", label, sealed, (bytes) => expected.equals(bytes));
  if (!open()) throw new Error("it is another message");
  expected.destroy();
  sealed[9] = (sealed[9] as number) ^ 1;
  codeOf(open);
}

/** Signs and agrees as the custodian does, with the keys that no engine takes. */
function use({ type, secretKey, publicKey }: PrivateKey): void {
  if (type === "ed25519" || type === "x25519") return;
  if (type !== "rsa") {
    const shared = secrets.allocate(secretKey.byteLength);
    shared.modify((bytes) =>
      secretKey.expose((own) => agreeByPoint(secrets, type, own as View, publicKey, bytes as View)),
    );
    shared.destroy();
  }
  secretKey.expose((bytes) => {
    const own = bytes as View;
    if (type === "rsa") decrypt(own);
    const signature = offHeapBytes(signatureLength(type, own));
    for (const padding of ["pkcs1", "pss"] as const) {
      const key = { type, secretKey: own, hash: "sha256", padding } as const;
      signMessage(blinding, key, signature, signature);
    }
  });
}

for (const name of readdirSync(folder).sort()) {
  const [kind] = name.split(".");
  if (kind === "plain" || kind === "sealed") {
    const options = kind === "sealed" ? { passphrase } : {};
    const bytes = load(name);
    if (kind === "sealed") codeOf(() => parseKey(secrets, bytes, { passphrase: wrong }));
    else codeOf(() => parseKey(secrets, bytes, { passphrase }));
    const cut = bytes.length - 30;
    const part = secrets.allocate(cut);
    part.modify((target) => target.set(new Uint8Array(bytes.buffer, 0, cut)));
    codeOf(() => parseKey(secrets, part, options));
    part.destroy();
    const key = parseKey(secrets, bytes, options);
    for (const form of [
      "pkcs8",
      "pkcs8-pem",
      "openssh",
      "jwk",
      "seed",
      "seed-with-public",
    ] as const) {
      write(key, form);
    }
    if (kind === "plain") use(key);
    key.secretKey.destroy();
  }
}
passphrase.destroy();
wrong.destroy();
await waitForScan();
