import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { copyBytes, isBytes } from "../../core/arguments/check_bytes.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { isOfAnotherCopy, kindOf } from "../../core/arguments/kind_of.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { wipeBytes } from "../../core/bytes.ts";
import type { Land, Stanza } from "../../core/contract/key_wrapper.ts";
import { disposable } from "../../core/dispose.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { redact } from "../../core/redact.ts";
import { makeOf } from "../../core/standard/lender.ts";
import { toBytes, toText } from "../envelopes/base64.ts";
import { bech32Bytes, bech32Decode } from "../envelopes/bech32.ts";
import { type View, within } from "../envelopes/bytes.ts";
import type { ProgramPipes } from "../programs/mod.ts";
import { type Conversation, LONGEST, unwrapWith, wrapWith } from "./conversation.ts";
import { Dialogue } from "./dialogue.ts";
import { pluginPath, startPlugin } from "./plugin_process.ts";
import type { PluginOptions, PluginWrapper } from "./types.ts";

const VERB = "use plugin";
const IDENTITY = "AGE-PLUGIN-";
const RECIPIENT = "age1";
const NAME = /^[a-z0-9+._-]{1,64}$/;
const DEFAULT_TIMEOUT = 120_000;
/** Of one dialogue. */
const MOST_COMMANDS = 10_000;

/** The key of a plugin. Each call starts the program, and ends it. */
export class PluginKey implements PluginWrapper {
  readonly version = null;
  readonly residue =
    "what the plugin keeps in its own process is its affair; in this process nothing was found";
  readonly #secrets: Secrets;
  readonly #openPipes: () => ProgramPipes;
  readonly #options: PluginOptions;
  readonly #identity: SecretBuffer | null;
  readonly #plugin: string;
  readonly #path: string;

  constructor(secrets: Secrets, openPipes: () => ProgramPipes, options: PluginOptions) {
    if (typeof secrets?.allocate !== "function" || isOfAnotherCopy(secrets)) {
      throw wrongKind(`Cannot ${VERB} as secrets must come from openSecrets()`, secrets);
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
    const whom = this.#options.recipient ?? (this.#identity as SecretBuffer);
    return await this.#talk("recipient-v1", (talk) => wrapWith(talk, whom, fileKey));
  }

  async unwrap(stanzas: readonly Stanza[], land: Land): Promise<SecretBuffer | null> {
    const identity = this.#identity;
    if (identity === null) return null;
    return await this.#talk("identity-v1", (talk) => unwrapWith(talk, identity, stanzas, land));
  }

  async #talk<T>(
    machine: "recipient-v1" | "identity-v1",
    use: (conversation: Conversation) => Promise<T>,
  ): Promise<T> {
    const { timeout = DEFAULT_TIMEOUT, onMessage, onSecret } = this.#options;
    const plugin = this.#plugin;
    const running = await startPlugin(this.#openPipes, plugin, this.#path, machine);
    let dialogue: Dialogue | undefined;
    try {
      dialogue = new Dialogue(this.#secrets, running, { timeout, mostCommands: MOST_COMMANDS });
      return await use({ dialogue, plugin, onMessage, onSecret });
    } finally {
      dialogue?.end();
      running.end();
    }
  }

  declare [Symbol.dispose]: () => void;
}

disposable(PluginKey, (key) => key.destroy());
redact(PluginKey, ({ name }) => `[PluginKey ${name}]`);

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
    secret.modify((target) => copyBytes(target, bytes));
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
