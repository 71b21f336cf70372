import { FILE_KEY_BYTES, type Recipient, type Stanza } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { checkNotZero } from "../crypto/check_key.ts";
import { born } from "../crypto/lend.ts";
import { toBytes } from "../envelopes/base64.ts";
import { formatRecipient } from "../envelopes/identity.ts";
import { readKeyIdentity, readKeyRecipient } from "../envelopes/key_names.ts";
import { type Command, decodeSecretBody } from "./dialogue.ts";
import {
  checkForm,
  give,
  Kept,
  listen,
  misused,
  type Problem,
  problemOf,
  speak,
  tell,
  tooMuch,
} from "./served_phases.ts";
import type { Serving } from "./serving.ts";

const MOST_FILE_KEYS = 64;
const MOST_STANZAS = 20_000;

/** What the other side wants, by its first phase. */
interface Wanted {
  readonly whom: { readonly kind: "recipient" | "identity"; readonly text: string }[];
  readonly fileKeys: SecretBuffer[];
}

/**
 * Wraps file keys (C2SP age-plugin, "recipient-v1"). To seal to a key takes no key file: its public key is in both texts. The
 * stanza is that of any X25519 key.
 */
export async function serveRecipients(serving: Serving): Promise<void> {
  const wanted: Wanted = { whom: [], fileKeys: [] };
  try {
    await listenFor(serving, wanted);
    await speak(serving, () => wrapAll(serving, wanted));
  } finally {
    for (const fileKey of wanted.fileKeys) fileKey.destroy();
  }
}

async function listenFor(
  { dialogue, secrets }: Serving,
  { whom, fileKeys }: Wanted,
): Promise<void> {
  const kept = new Kept();
  await listen(dialogue, (command) => {
    const [name, text = ""] = command.args;
    if (name === "add-recipient" || name === "add-identity") {
      checkForm(command, 2);
      kept.add(text.length);
      whom.push({ kind: name === "add-recipient" ? "recipient" : "identity", text });
    } else if (name === "wrap-file-key") {
      if (fileKeys.length === MOST_FILE_KEYS) throw tooMuch();
      fileKeys.push(fileKeyOf(secrets, command));
    }
    if (whom.length * fileKeys.length > MOST_STANZAS) throw tooMuch();
  });
}

function fileKeyOf(secrets: Serving["secrets"], { args, text }: Command): SecretBuffer {
  let good = false;
  const fileKey = born(secrets, FILE_KEY_BYTES, (bytes) => {
    good = args.length === 1 && decodeSecretBody(text, bytes);
  });
  if (good) return fileKey;
  fileKey.destroy();
  throw misused("wrap-file-key");
}

/** All stanzas, or none and the reasons. */
async function wrapAll(serving: Serving, { whom, fileKeys }: Wanted): Promise<void> {
  const { dialogue } = serving;
  const { recipients, problems } = recipientsOf(serving, whom);
  const stanzas: { readonly file: number; readonly stanza: Stanza }[] = [];
  if (problems.length === 0) {
    try {
      for (const [file, fileKey] of fileKeys.entries()) {
        fileKey.expose((bytes) => checkNotZero(bytes, "wrap file key", "it"));
        for (const recipient of recipients) {
          for (const stanza of await recipient.wrap(fileKey)) stanzas.push({ file, stanza });
        }
      }
    } catch (error) {
      problems.push(problemOf(error, "internal"));
    }
  }
  if (problems.length > 0) return await tell(dialogue, problems);
  for (const { file, stanza } of stanzas) {
    await give(dialogue, ["recipient-stanza", String(file), ...stanza.args], stanza.body);
  }
}

function recipientsOf(
  { envelopes }: Serving,
  whom: Wanted["whom"],
): { readonly recipients: readonly Recipient[]; readonly problems: Problem[] } {
  const recipients: Recipient[] = [];
  const problems: Problem[] = [];
  const next = { recipient: 0, identity: 0 };
  for (const { kind, text } of whom) {
    const index = next[kind]++;
    try {
      const bytes = toBytes(text);
      const publicKey =
        kind === "recipient" ? readKeyRecipient(bytes) : readKeyIdentity(bytes).publicKey;
      recipients.push(envelopes.parseRecipient(formatRecipient(publicKey)));
    } catch (error) {
      problems.push(problemOf(error, kind, String(index)));
    }
  }
  if (whom.length === 0) {
    const message = "there is no recipient and no identity to wrap to; give one";
    problems.push({ where: ["internal"], message });
  }
  return { recipients, problems };
}
