import { wrongType } from "../../core/arguments/argument_error.ts";
import { isBytes } from "../../core/arguments/check_bytes.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { isOfAnotherCopy, kindOf } from "../../core/arguments/kind_of.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { wipeBytes } from "../../core/bytes.ts";
import { FILE_KEY_BYTES, type Land, type Stanza } from "../../core/contract/key_wrapper.ts";
import { disposable } from "../../core/dispose.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { redact } from "../../core/redact.ts";
import { makeOf } from "../../core/standard/lender.ts";
import { checkSecret } from "../crypto/lend.ts";
import { toBytes, toText } from "../envelopes/base64.ts";
import { bech32Bytes, bech32Decode } from "../envelopes/bech32.ts";
import { type View, within } from "../envelopes/bytes.ts";
import { checkLive } from "../envelopes/refusal.ts";
import type { ProgramPipes } from "../programs/mod.ts";
import { type Command, Dialogue, decodePublicBody, decodeSecretBody } from "./dialogue.ts";
import { failed, pluginPath, startPlugin } from "./plugin_process.ts";
import type { PluginOptions, PluginWrapper } from "./types.ts";

const VERB = "use plugin";
const IDENTITY = "AGE-PLUGIN-";
const RECIPIENT = "age1";
const NAME = /^[a-z0-9+._-]{1,64}$/;
const DEFAULT_TIMEOUT = 120_000;
/** Of a recipient, an identity and a PIN. */
const LONGEST = 32_768;
/** Of all stanzas together, as they stand in a header. */
const MOST_STANZA_BYTES = 1 << 20;

/** The key of a plugin. Each call starts the program, and ends it. */
export class PluginKey implements PluginWrapper {
  readonly version = null;
  readonly residue =
    "the plugin keeps in its own process what it keeps: Lethe cannot see to that. In this process nothing was found";
  readonly #secrets: Secrets;
  readonly #openPipes: () => ProgramPipes;
  readonly #options: PluginOptions;
  readonly #identity: SecretBuffer | null;
  readonly #plugin: string;
  readonly #path: string;

  constructor(secrets: Secrets, openPipes: () => ProgramPipes, options: PluginOptions) {
    if (typeof secrets?.allocate !== "function" || isOfAnotherCopy(secrets)) {
      throw wrongType(
        `Cannot ${VERB} as secrets must come from openSecrets(): current value is ${kindOf(secrets)}`,
      );
    }
    const own = readOptions(options, VERB, [
      "recipient",
      "identity",
      "program",
      "onMessage",
      "onSecret",
      "timeout",
    ]);
    const { recipient, identity, program, onMessage, onSecret, timeout = DEFAULT_TIMEOUT } = own;
    checkInteger(timeout, VERB, "timeout", 1, 2 ** 31 - 1);
    for (const [name, value] of Object.entries({ onMessage, onSecret })) {
      if (value !== undefined && typeof value !== "function") {
        throw wrongType(`Cannot ${VERB} as ${name} must be a function: it is ${kindOf(value)}`);
      }
    }
    if (program !== undefined && (typeof program !== "string" || !program.startsWith("/"))) {
      throw wrongType(
        `Cannot ${VERB} as program must be an absolute path: otherwise the current folder would choose it`,
      );
    }
    const named = recipient === undefined ? null : pluginOfRecipient(recipient);
    this.#identity = identity === undefined ? null : copyOfIdentity(secrets, identity);
    try {
      const name = this.#identity === null ? null : pluginOfIdentity(this.#identity);
      if (named === null && name === null) {
        throw wrongType(`Cannot ${VERB} as a recipient or an identity is needed: there is neither`);
      }
      if (named !== null && name !== null && named !== name) {
        throw wrongType(`Cannot ${VERB} as recipient and identity must be of one plugin`);
      }
      this.#plugin = (named ?? name) as string;
      this.#path = pluginPath(this.#plugin, program);
    } catch (error) {
      this.#identity?.destroy();
      throw error;
    }
    if (isBytes(identity)) wipeBytes(identity);
    this.#secrets = secrets;
    this.#openPipes = openPipes;
    const { identity: _, ...rest } = own;
    this.#options = { ...rest, timeout };
  }

  get name(): string {
    return this.#options.recipient ?? `an identity of age-plugin-${this.#plugin}`;
  }

  destroy(): void {
    this.#identity?.destroy();
  }

  async wrap(fileKey: SecretBuffer): Promise<readonly Stanza[]> {
    const stanzas: Stanza[] = [];
    let byteLength = 0;
    await this.#talk(
      "recipient-v1",
      async (dialogue) => {
        const { recipient } = this.#options;
        if (recipient !== undefined) await dialogue.send(["add-recipient", recipient]);
        else await this.#sendIdentity(dialogue);
        checkLive(fileKey, VERB);
        await dialogue.send(["wrap-file-key"], fileKey);
      },
      ({ args, text }) => {
        const [command, index, ...rest] = args;
        if (command !== "recipient-stanza") return false;
        const body = decodePublicBody(text);
        if (index !== "0" || rest.length === 0 || body === null) {
          throw failed(this.#plugin, "it gives a stanza that is malformed; update it");
        }
        byteLength += text.length + rest.join(" ").length;
        if (byteLength > MOST_STANZA_BYTES) {
          throw failed(this.#plugin, "it gives more than an envelope has room for; update it");
        }
        stanzas.push({ args: rest as unknown as Stanza["args"], body });
        return true;
      },
    );
    if (stanzas.length > 0) return stanzas;
    throw failed(this.#plugin, "it gives no stanza; update it");
  }

  async unwrap(stanzas: readonly Stanza[], land: Land): Promise<SecretBuffer | null> {
    if (this.#identity === null) return null;
    let fileKey: SecretBuffer | null = null;
    try {
      await this.#talk(
        "identity-v1",
        async (dialogue) => {
          await this.#sendIdentity(dialogue);
          for (const { args, body } of stanzas) {
            await dialogue.send(["recipient-stanza", "0", ...args], body);
          }
        },
        ({ args, text }) => {
          if (args[0] !== "file-key") return false;
          if (args[1] !== "0" || args.length !== 2 || fileKey !== null) {
            throw failed(this.#plugin, "it gives a file key that nobody asked for; update it");
          }
          let good = false;
          fileKey = land(FILE_KEY_BYTES, (bytes) => {
            good = decodeSecretBody(text, bytes);
          });
          if (!good) throw failed(this.#plugin, "it gives a file key of another length; update it");
          return true;
        },
      );
    } catch (error) {
      (fileKey as SecretBuffer | null)?.destroy();
      throw error;
    }
    return fileKey;
  }

  #sendIdentity(dialogue: Dialogue): Promise<void> {
    return dialogue.sendLine("add-identity", this.#identity as SecretBuffer);
  }

  /** Both phases: what this side says, and then what the plugin commands. */
  async #talk(
    machine: "recipient-v1" | "identity-v1",
    say: (dialogue: Dialogue) => Promise<void>,
    take: (command: Command) => boolean,
  ): Promise<void> {
    const { timeout = DEFAULT_TIMEOUT } = this.#options;
    const plugin = await startPlugin(this.#openPipes, this.#plugin, this.#path, machine);
    let dialogue: Dialogue | undefined;
    try {
      dialogue = new Dialogue(this.#secrets, plugin, this.#plugin, timeout);
      await say(dialogue);
      await dialogue.send(["done"]);
      let refusal: string | null = null;
      for (;;) {
        const answer = await dialogue.next((command) => {
          const [name = "", kind = ""] = command.args;
          if (name === "done") return "done" as const;
          if (take(command)) return "ok" as const;
          if (name === "error") refusal ??= KINDS.has(kind) ? kind : "unknown";
          if (!SPOKEN.has(name)) return "unsupported" as const;
          return { name, text: textOf(decodePublicBody(command.text)) };
        });
        if (answer === "done") break;
        if (typeof answer === "string") await dialogue.send([answer]);
        else await this.#answer(dialogue, answer.name, answer.text);
      }
      if (refusal !== null) {
        throw failed(this.#plugin, `it reports an error (${refusal}), which onMessage was given`);
      }
    } finally {
      dialogue?.end();
      plugin.end();
    }
  }

  async #answer(dialogue: Dialogue, name: string, text: string): Promise<void> {
    const { onMessage, onSecret } = this.#options;
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

  declare [Symbol.dispose]: () => void;
}

disposable(PluginKey, (key) => key.destroy());
redact(PluginKey, ({ name }) => `[PluginKey ${name}]`);

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

/** The name in `age1NAME1…`. */
function pluginOfRecipient(text: unknown): string {
  const wrong = wrongType(
    `Cannot ${VERB} as recipient must be age1NAME1…, whole: it is ${typeof text === "string" ? "another text" : kindOf(text)}`,
  );
  if (typeof text !== "string" || text.length > LONGEST || !/^age1[!-~]+$/.test(text)) throw wrong;
  const end = text.lastIndexOf("1");
  const name = text.slice(RECIPIENT.length, end);
  if (end < RECIPIENT.length || !NAME.test(name) || !isBech32(toBytes(text), end)) throw wrong;
  return name;
}

function copyOfIdentity(
  secrets: Secrets,
  given: NonNullable<PluginOptions["identity"]>,
): SecretBuffer {
  return makeOf(given, VERB, "identity", (bytes) => {
    const secret = secrets.allocate(bytes.length);
    secret.modify((target) => target.set(bytes));
    return secret;
  });
}

/** The name in `AGE-PLUGIN-NAME-1…`. What follows it may be secret. */
function pluginOfIdentity(identity: SecretBuffer): string {
  const name = identity.expose((bytes) => {
    const text = bytes as View;
    const end = text.lastIndexOf(49);
    const prefix = toText(within(text, 0, Math.max(0, Math.min(end, IDENTITY.length + 65))));
    const found = prefix.slice(IDENTITY.length, -1).toLowerCase();
    const isWhole = text.length <= LONGEST && prefix.length === end && prefix.endsWith("-");
    if (!prefix.startsWith(IDENTITY) || !isWhole || !NAME.test(found)) return null;
    return isBech32(text, end) ? found : null;
  });
  if (name !== null) return name;
  throw wrongType(
    `Cannot ${VERB} as identity must be AGE-PLUGIN-NAME-1…, whole, without a newline`,
  );
}

function isBech32(text: View, end: number): boolean {
  const prefix = toText(within(text, 0, end));
  const byteLength = bech32Bytes(prefix, text.length);
  if (byteLength < 0) return false;
  const bytes = new Uint8Array(new ArrayBuffer(Math.max(byteLength, 256)));
  const good = bech32Decode(prefix, text, within(bytes, 0, byteLength));
  bytes.fill(0);
  return good;
}
