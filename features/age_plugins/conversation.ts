import { checkLive } from "../../core/check_live.ts";
import { FILE_KEY_BYTES, type Land, type Stanza } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { TextDecoder } from "../../system/node_builtins.ts";
import { checkSecret } from "../crypto/lend.ts";
import type { View } from "../envelopes/bytes.ts";
import { type Command, type Dialogue, decodePublicBody, decodeSecretBody } from "./dialogue.ts";
import { failed } from "./plugin_process.ts";
import type { PluginOptions } from "./types.ts";

/** What both sides of a key say to its plugin. */
export interface Conversation {
  readonly dialogue: Dialogue;
  /** The NAME of `age-plugin-NAME`. */
  readonly plugin: string;
  readonly onMessage: PluginOptions["onMessage"];
  readonly onSecret: PluginOptions["onSecret"];
}

const VERB = "use plugin";
/** Of a recipient, an identity and a PIN. */
export const LONGEST = 32_768;
/** Of all stanzas together, as they stand in a header. */
const MOST_STANZA_BYTES = 1 << 20;

/**
 * Has a plugin wrap a file key (C2SP age-plugin, "recipient-v1").
 *
 * @param whom a recipient, or an identity to seal to
 */
export async function wrapWith(
  conversation: Conversation,
  whom: string | SecretBuffer,
  fileKey: SecretBuffer,
): Promise<readonly Stanza[]> {
  const { dialogue, plugin } = conversation;
  if (typeof whom === "string") await dialogue.send(["add-recipient", whom]);
  else await dialogue.sendLine("add-identity", whom);
  checkLive(fileKey, VERB);
  await dialogue.send(["wrap-file-key"], fileKey);
  const stanzas: Stanza[] = [];
  let byteLength = 0;
  await converse(conversation, ({ args, text }) => {
    const [command, index, ...rest] = args;
    if (command !== "recipient-stanza") return false;
    const body = decodePublicBody(text);
    if (index !== "0" || rest.length === 0 || body === null) {
      throw failed(plugin, "it gives a stanza that is malformed; update it");
    }
    byteLength += text.length + rest.join(" ").length;
    if (byteLength > MOST_STANZA_BYTES) {
      throw failed(plugin, "it gives more than an envelope has room for; update it");
    }
    stanzas.push({ args: rest as unknown as Stanza["args"], body });
    return true;
  });
  if (stanzas.length > 0) return stanzas;
  throw failed(plugin, "it gives no stanza; update it");
}

/** Has a plugin look for the file key among stanzas (C2SP age-plugin, "identity-v1"). */
export async function unwrapWith(
  conversation: Conversation,
  identity: SecretBuffer,
  stanzas: readonly Stanza[],
  land: Land,
): Promise<SecretBuffer | null> {
  const { dialogue, plugin } = conversation;
  await dialogue.sendLine("add-identity", identity);
  for (const { args, body } of stanzas) {
    await dialogue.send(["recipient-stanza", "0", ...args], body);
  }
  let fileKey: SecretBuffer | null = null;
  try {
    await converse(conversation, ({ args, text }) => {
      if (args[0] !== "file-key") return false;
      if (args[1] !== "0" || args.length !== 2 || fileKey !== null) {
        throw failed(plugin, "it gives a file key that nobody asked for; update it");
      }
      let good = false;
      fileKey = land(FILE_KEY_BYTES, (bytes) => {
        good = decodeSecretBody(text, bytes);
      });
      if (!good) throw failed(plugin, "it gives a file key of another length; update it");
      return true;
    });
    return fileKey;
  } catch (error) {
    (fileKey as SecretBuffer | null)?.destroy();
    throw error;
  }
}

/** The second phase: what the plugin commands, until it is done. `take` knows the commands of the first phase's kind. */
async function converse(
  conversation: Conversation,
  take: (command: Command) => boolean,
): Promise<void> {
  const { dialogue, plugin } = conversation;
  await dialogue.send(["done"]);
  let refusal: string | null = null;
  for (;;) {
    const reply = await dialogue.next((command) => {
      const [name = "", kind = ""] = command.args;
      if (name === "done") return "done" as const;
      if (take(command)) return "ok" as const;
      if (name === "error") refusal ??= KINDS.has(kind) ? kind : "unknown";
      if (!SPOKEN.has(name)) return "unsupported" as const;
      return { name, text: textOf(decodePublicBody(command.text)) };
    });
    if (reply === "done") break;
    if (typeof reply === "string") await dialogue.send([reply]);
    else await answer(conversation, reply.name, reply.text);
  }
  if (refusal === null) return;
  throw failed(plugin, `it reports an error (${refusal}), which onMessage was given`);
}

async function answer(
  { dialogue, onMessage, onSecret }: Conversation,
  name: string,
  text: string,
): Promise<void> {
  if (name === "msg" || name === "error") {
    onMessage?.(text);
    await dialogue.send([name === "error" || onMessage !== undefined ? "ok" : "fail"]);
    return;
  }
  const secret = name === "request-secret" ? await onSecret?.(text) : null;
  if (secret === null || secret === undefined) {
    await dialogue.send(["fail"]);
    return;
  }
  checkSecret(secret, VERB, "what onSecret gives", 1, LONGEST);
  try {
    await dialogue.send(["ok"], secret);
  } finally {
    secret.destroy();
  }
}

/** Commands that have a text for a person. To `confirm` and `request-public` the answer is no. */
const SPOKEN: ReadonlySet<string> = new Set([
  "msg",
  "error",
  "request-secret",
  "request-public",
  "confirm",
]);
const KINDS: ReadonlySet<string> = new Set(["recipient", "identity", "stanza", "internal"]);

function textOf(bytes: View | null): string {
  return bytes === null ? "" : new TextDecoder().decode(bytes);
}
