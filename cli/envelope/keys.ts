import type { LetheError, SecretBuffer } from "../../core/mod.ts";
import type { AgeIdentity, Envelopes, Identity, Recipient } from "../../features/envelopes/mod.ts";
import { UsageError } from "../command_line/usage_error.ts";
import { askPassphrase } from "../key/ask.ts";
import { readContent } from "../key/read_foreign.ts";
import { readNamed } from "../open_named.ts";
import type { Bench } from "./bench.ts";
import { namesIn, openNamed } from "./name_key.ts";
import type { Parameters } from "./parameters.ts";

/** Of a list of recipients: some 15,000 of them, or 1,300 RSA keys. */
const MOST_LIST_BYTES = 2 ** 20;

/** Everybody of --to and of the files of --to-file, which are public. */
export function recipientsOf(
  { envelopes }: Bench,
  { to, toFiles }: Parameters,
): readonly Recipient[] {
  const recipients = to.map((text) => named("--to", () => envelopes.parseRecipient(text)));
  for (const path of toFiles) {
    const lines = readNamed(path, MOST_LIST_BYTES).toString("utf8").split(/\r?\n/);
    lines.forEach((line, index) => {
      if (line === "" || line.startsWith("#")) return;
      recipients.push(named(`line ${index + 1}`, () => envelopes.parseRecipient(line)));
    });
  }
  if (recipients.length === 0) throw new UsageError("the files of --to-file hold no recipient");
  return recipients;
}

/** Says which of several recipients it was: its text is not repeated, since it may be a private key. */
function named(where: string, parse: () => Recipient): Recipient {
  try {
    return parse();
  } catch (error) {
    const { code = "", message } = error as Partial<LetheError>;
    if (!WRONG.includes(code)) throw error;
    throw new UsageError(`${where}: ${message}`);
  }
}

const WRONG: readonly string[] = [
  "ERR_LETHE_KEY_FORMAT",
  "ERR_LETHE_KEY_DAMAGED",
  "ERR_LETHE_KEY_INVALID",
  "ERR_LETHE_UNSUPPORTED",
];

/** Who opens: the identities of the files, or a passphrase. All secrets end with the command. */
export async function openersOf(
  bench: Bench,
  { identities, passphrase, usesPassphrase }: Parameters,
): Promise<readonly Identity[]> {
  const openers: Identity[] = [];
  // All are read before a passphrase of one is asked for.
  const contents = identities.map((path) => readContent(bench.secrets, path));
  for (const content of contents) {
    openers.push(...(await identitiesOf(bench, content, passphrase)));
  }
  if (usesPassphrase) openers.push(await byPassphrase(bench, passphrase, false));
  return openers;
}

/** A wrapper of a passphrase that is asked for. */
export async function byPassphrase(
  bench: Bench,
  descriptor: number | undefined,
  isNew: boolean,
): Promise<ReturnType<Envelopes["usePassphrase"]>> {
  const text = isNew ? "New passphrase" : "Passphrase";
  return bench.envelopes.usePassphrase(await askPassphrase(bench, text, descriptor, isNew));
}

async function identitiesOf(
  bench: Bench,
  content: SecretBuffer,
  descriptor: number | undefined,
): Promise<readonly AgeIdentity[]> {
  const { envelopes } = bench;
  if (content.expose((bytes) => isEnvelope(bytes))) {
    const wrapper = await byPassphrase(bench, descriptor, false);
    const file = content.expose((bytes) => Uint8Array.from(bytes)); // ciphertext
    return envelopes.parseIdentities(await envelopes.open(file, [wrapper]));
  }
  const names = namesIn(content);
  if (names !== null) {
    const identities: AgeIdentity[] = [];
    for (const name of names) identities.push(await openNamed(bench, name, descriptor));
    return identities;
  }
  try {
    return envelopes.parseIdentities(content);
  } catch (error) {
    if ((error as Partial<LetheError>).code !== "ERR_LETHE_KEY_PASSPHRASE") throw error;
  }
  const passphrase: SecretBuffer = await askPassphrase(bench, "Passphrase", descriptor, false);
  return envelopes.parseIdentities(content, { passphrase });
}

/** Whether a file is an age file itself, in one of its two forms. */
export function isEnvelope(bytes: Uint8Array): boolean {
  return BEGINNINGS.some((text) => text.every((byte, at) => bytes[at] === byte));
}

const BEGINNINGS = ["age-encryption.org/", "-----BEGIN AGE ENCRYPTED FILE"].map((text) => [
  ...new TextEncoder().encode(text),
]);
