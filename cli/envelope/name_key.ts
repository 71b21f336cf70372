import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { KeyFiles, KeyOf } from "../../adapters/node/mod.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { formatRecipient } from "../../features/envelopes/identity.ts";
import { linesOf } from "../../features/envelopes/identity_file.ts";
import {
  checkNamed,
  formatKeyIdentity,
  formatKeyRecipient,
  isKeyIdentity,
  type KeyName,
  readKeyIdentity,
} from "../../features/envelopes/key_names.ts";
import type { AgeIdentity } from "../../features/envelopes/mod.ts";
import { NotPossibleError } from "../command_line/usage_error.ts";
import { entryHere } from "../entry_here.ts";
import { askPassphrase } from "../key/ask.ts";
import { checkFree } from "../key/check_before.ts";
import type { Bench } from "./bench.ts";
import type { Parameters } from "./parameters.ts";

/** A key of age-plugin-lethe. All of it is public. */
export interface NamedKey {
  /** `age1lethe1…`, for which age needs the plugin. */
  readonly recipient: string;
  /** `age1…` of the same key, for everybody else. */
  readonly native: string;
  readonly path: string;
  /** An identity file of age. */
  readonly text: string;
}

/** Names the key of a key file for age; with `--generate` it makes that file first. */
export async function nameKey(bench: Bench, parameters: Parameters): Promise<NamedKey> {
  const { openKeyFiles } = await entryHere();
  const keys = openKeyFiles(bench.secrets, { onMisuse: "throw" });
  const path = resolve(parameters.file);
  formatKeyIdentity({ publicKey: new Uint8Array(32), path }); // before anything is made or asked
  const publicKey = parameters.generate
    ? await makeKey(bench, keys, path, parameters)
    : await publicKeyIn(bench, keys, path, parameters);
  const [recipient, native] = [formatKeyRecipient(publicKey), formatRecipient(publicKey)];
  const identity = formatKeyIdentity({ publicKey, path });
  const text = `# recipient: ${recipient}\n# the same key for age without age-plugin-lethe: ${native}\n${identity}\n`;
  return { recipient, native, path, text };
}

async function makeKey(
  bench: Bench,
  keys: KeyFiles,
  path: string,
  { plain, passphrase }: Parameters,
): Promise<Uint8Array<ArrayBuffer>> {
  if (existsSync(path)) {
    throw new NotPossibleError(
      `there is a file ${JSON.stringify(path)} already; leave out --generate to use it, or give another KEY`,
    );
  }
  checkFree(keys, path);
  const options = plain
    ? {}
    : { passphrase: await askPassphrase(bench, "New passphrase", passphrase, true) };
  const key = keys.createAndRead(path, "x25519", options);
  key.secretKey.destroy();
  return key.publicKey;
}

async function publicKeyIn(
  bench: Bench,
  keys: KeyFiles,
  path: string,
  { passphrase }: Parameters,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await readKey(bench, keys, path, passphrase);
  key.secretKey.destroy();
  return key.publicKey;
}

async function readKey(
  bench: Bench,
  keys: KeyFiles,
  path: string,
  descriptor: number | undefined,
): Promise<KeyOf<"x25519">> {
  if (keys.inspect(path).form === "plain") return keys.read(path, "x25519");
  const passphrase = await askPassphrase(bench, `Passphrase of ${path}`, descriptor, false);
  return keys.read(path, "x25519", { passphrase });
}

/**
 * The keys that an identity file names, if each of its identities is one of age-plugin-lethe; else null. Lethe opens such key
 * files itself.
 */
export function namesIn(content: SecretBuffer): readonly KeyName[] | null {
  const names: KeyName[] = [];
  const isNames = content.expose((bytes) => {
    for (const line of linesOf(bytes as Uint8Array<ArrayBuffer>)) {
      if (line.length === 0 || line[0] === HASH) continue;
      if (!isKeyIdentity(line)) return false;
      names.push(readKeyIdentity(line));
    }
    return true;
  });
  return isNames && names.length > 0 ? names : null;
}

const HASH = 35;

/** The identity of a key file that was named. */
export async function openNamed(
  bench: Bench,
  name: KeyName,
  descriptor: number | undefined,
): Promise<AgeIdentity> {
  const { openKeyFiles } = await entryHere();
  const keys = openKeyFiles(bench.secrets, { onMisuse: "throw" });
  const { publicKey, secretKey } = await readKey(bench, keys, name.path, descriptor);
  try {
    checkNamed(name, publicKey);
    return bench.envelopes.useKey({ type: "x25519", bits: 256, publicKey, secretKey });
  } finally {
    secretKey.destroy();
  }
}
