import { copyBytes } from "../../core/arguments/check_bytes.ts";
import { checkLive } from "../../core/check_live.ts";
import type { LetheError } from "../../core/contract/errors.ts";
import {
  FILE_KEY_BYTES,
  type KeyWrapper,
  type Land,
  type Stanza,
} from "../../core/contract/key_wrapper.ts";
import { monotonicNow } from "../../core/globals.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { redact } from "../../core/redact.ts";
import { contains } from "../../core/sealed_key_mark.ts";
import { checkSecret } from "../crypto/lend.ts";
import { type View, within } from "../envelopes/bytes.ts";
import { malformedStanza } from "../envelopes/refusal.ts";
import { type ProgramPipes, pathOfProgram } from "../programs/mod.ts";
import { isCredential, KEYS, MOST_TEXT_BYTES, readText, writeText } from "./credential.ts";
import { type CheckedOptions, checkOptions, NAME } from "./options.ts";
import { failed, type Outcome, runToEnd, VERB } from "./run.ts";
import type { SystemdCredsOptions, SystemdKey } from "./types.ts";

const TYPE = "lethe/systemd-creds";
/** Of one envelope: each starts a program. */
const MOST_TRIED = 8;

/** A key of this machine. Each call starts the program, and ends it. */
export class SystemdCredsKey implements KeyWrapper {
  readonly version = null;
  readonly residue =
    "systemd-creds 252 has a copy of the file key in its own process until that ends, after each call; the software of a TPM was not measured. In this process nothing was found";
  readonly name: string;
  readonly #secrets: Secrets;
  readonly #openPipes: () => ProgramPipes;
  readonly #options: CheckedOptions;
  readonly #path: string;

  constructor(secrets: Secrets, openPipes: () => ProgramPipes, options: SystemdCredsOptions) {
    this.#options = checkOptions(secrets, options);
    const { key, name, program } = this.#options;
    this.#path = pathOfProgram("systemd-creds", program, failed);
    this.#secrets = secrets;
    this.#openPipes = openPipes;
    this.name = `systemd-creds ${key} ${name}`;
  }

  async wrap(fileKey: SecretBuffer): Promise<readonly Stanza[]> {
    checkSecret(fileKey, "wrap file key", "fileKey", FILE_KEY_BYTES);
    const { key, name, pcrs } = this.#options;
    const words = [`--with-key=${key}`, ...pcrs];
    const body = await this.#run(
      ["encrypt", ...words],
      fileKey,
      MOST_TEXT_BYTES,
      (outcome, room) => {
        if ("refusal" in outcome) {
          const command = `systemd-creds encrypt ${words.join(" ")} --name=${name} - -`;
          throw failed(`${outcome.refusal}; run \`${command}\` by hand, as this user, to see why`);
        }
        return room.modify((page) => readText(within(page as View, 0, outcome.printed)));
      },
    );
    checkLive(fileKey, VERB);
    const isHidden = body !== null && fileKey.expose((bytes) => !contains(body, bytes as View));
    if (body !== null && isHidden && isCredential(body, key, name)) {
      return [{ args: [TYPE, key, name], body }];
    }
    body?.fill(0);
    throw failed(
      `its output is not a credential of the key ${key} in a form that Lethe knows, which is that of systemd 252; run it by hand`,
    );
  }

  async unwrap(stanzas: readonly Stanza[], land: Land): Promise<SecretBuffer | null> {
    const { key, name, timeout } = this.#options;
    const deadline = monotonicNow() + timeout;
    let refusal: LetheError | null = null;
    let tried = 0;
    for (const { args, body } of stanzas) {
      if (args[0] !== TYPE) continue;
      const [, itsKey, itsName = ""] = args;
      if (args.length !== 3 || !KEYS.includes(itsKey as SystemdKey) || !NAME.test(itsName)) {
        throw malformedStanza(TYPE);
      }
      if (itsKey !== key || itsName !== name) continue;
      if (!isCredential(body, key, name)) throw malformedStanza(TYPE);
      if (tried++ === MOST_TRIED) break;
      const opened = await this.#decrypt(body, land, deadline);
      if ("fileKey" in opened) return opened.fileKey;
      refusal ??= opened.refusal;
    }
    if (refusal !== null) throw refusal;
    return null;
  }

  async #decrypt(body: View, land: Land, deadline: number): Promise<Opened> {
    // A byte more than it may print, so that one that prints more is seen to.
    const room = FILE_KEY_BYTES + 1;
    return await this.#run<Opened>(
      ["decrypt"],
      writeText(body),
      room,
      (outcome, secret) => {
        if ("refusal" in outcome) {
          return {
            refusal: failed(
              `${outcome.refusal}: the credential is of another host, of another state of its TPM or was altered, or this user may not use the key; run \`systemd-creds decrypt --name=${this.#options.name} - -\` by hand, as this user, to see which`,
            ),
          };
        }
        if (outcome.printed !== FILE_KEY_BYTES) {
          throw failed(`it gives a file key of ${outcome.printed} bytes; restore the envelope`);
        }
        const fileKey = secret.expose((page) =>
          land(FILE_KEY_BYTES, (bytes) =>
            copyBytes(bytes, within(page as View, 0, FILE_KEY_BYTES)),
          ),
        );
        return { fileKey };
      },
      deadline,
    );
  }

  async #run<T>(
    words: readonly string[],
    input: SecretBuffer | View,
    roomBytes: number,
    use: (outcome: Outcome, room: SecretBuffer) => T,
    deadline: number = monotonicNow() + this.#options.timeout,
  ): Promise<T> {
    const { name, device } = this.#options;
    const room = this.#secrets.allocate(roomBytes);
    try {
      const outcome = await runToEnd(this.#openPipes, {
        path: this.#path,
        words: [...words, ...device, `--name=${name}`, "-", "-"],
        input,
        room,
        deadline,
      });
      checkLive(room, VERB);
      return use(outcome, room);
    } finally {
      room.destroy();
    }
  }
}

redact(SystemdCredsKey, ({ name }) => `[SystemdCredsKey ${name}]`);

type Opened = { readonly fileKey: SecretBuffer } | { readonly refusal: LetheError };
