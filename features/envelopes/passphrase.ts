import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { KeyWrapper, Stanza } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { ascii } from "../../core/sealed_key_mark.ts";
import { checkNotZero } from "../crypto/check_key.ts";
import { born, checkSecret, lend } from "../crypto/lend.ts";
import { makeNonce } from "../crypto/nonce.ts";
import { scrypt, scryptRoom } from "../keys/primitives/scrypt.ts";
import { withWorkspace } from "../keys/primitives/workspace.ts";
import { argumentBytes, toBase64 } from "./base64.ts";
import { joined, type View } from "./bytes.ts";
import {
  BODY_BYTES,
  type EnvelopeContext,
  openFileKey,
  residueOf,
  sealFileKey,
  useUp,
} from "./context.ts";
import { malformed, malformedStanza } from "./refusal.ts";

/** How a passphrase becomes a key, by scrypt. */
export interface PassphraseOptions {
  /**
   * Sealing: the base-2 logarithm of scrypt's N, which takes N KiB of memory. 1 to 22; default 18, as `age` has it: some two
   * seconds and 256 MiB.
   */
  readonly logWork?: number;
  /** Opening: the largest base-2 logarithm of N that an envelope may ask for. 1 to 24; default 22, which takes 2^32 bytes of memory. */
  readonly mostLogWork?: number;
}

/** The type of its stanza. */
export const SCRYPT = "scrypt";
const TYPE = SCRYPT;
const LABEL = ascii("age-encryption.org/v1/scrypt");
const SALT_BYTES = 16;
const DEFAULT_LOG_WORK = 18;
const DEFAULT_MOST = 22;
const LONGEST_PASSPHRASE = 65_536;

/**
 * scrypt (C2SP age, "The scrypt recipient type"): for whoever knows the passphrase, which stays the caller's
 * and must live as long as the wrapper is used.
 */
export function wrapperOfPassphrase(
  context: EnvelopeContext,
  passphrase: SecretBuffer,
  options: PassphraseOptions | undefined,
): KeyWrapper {
  const { logWork = DEFAULT_LOG_WORK, mostLogWork = DEFAULT_MOST } = readOptions(options, VERB, [
    "logWork",
    "mostLogWork",
  ]);
  checkSecret(passphrase, VERB, "passphrase", 1, LONGEST_PASSPHRASE);
  passphrase.expose((bytes) => checkNotZero(bytes, VERB, "passphrase"));
  checkInteger(logWork, VERB, "logWork", 1, 22);
  checkInteger(mostLogWork, VERB, "mostLogWork", 1, 24);
  return Object.freeze({
    name: "a passphrase",
    version: null,
    residue: residueOf(context, ["chacha20-poly1305", "keyed-hash"]),
    alone: true,
    wrap(fileKey: SecretBuffer) {
      const salt = new Uint8Array(new ArrayBuffer(SALT_BYTES));
      lend([fileKey], (key) => makeNonce(salt, context.fresh, context.engine, key, key));
      const body = useUp(derive(context, passphrase, salt, logWork), (wrapKey) =>
        sealFileKey(context, wrapKey, fileKey),
      );
      return [{ args: [TYPE, toBase64(salt), String(logWork)], body }] as const;
    },
    unwrap(stanzas, land) {
      const stanza = stanzas.find(({ args }) => args[0] === TYPE);
      if (stanza === undefined) return null;
      const { salt, work } = fieldsOf(stanza);
      if (work > mostLogWork) throw tooMuch(work, mostLogWork);
      return useUp(derive(context, passphrase, salt, work), (wrapKey) =>
        openFileKey(context, wrapKey, stanza.body, land),
      );
    },
  } satisfies KeyWrapper);
}

const VERB = "use passphrase";

/**
 * A passphrase shows that whoever sealed knew it. That is so only while nobody else has a stanza beside it.
 *
 * @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT`
 */
export function checkAlone(stanzas: readonly Stanza[]): void {
  if (stanzas.length > 1 && stanzas.some(({ args }) => args[0] === TYPE)) {
    throw malformed("something stands beside the stanza of a passphrase, which has to be alone");
  }
}

function fieldsOf({ args, body }: Stanza): { readonly salt: View; readonly work: number } {
  const salt = args.length === 3 ? argumentBytes(args[1], SALT_BYTES) : null;
  const work = args[2] ?? "";
  if (salt === null || body.length !== BODY_BYTES || !/^[1-9][0-9]{0,8}$/.test(work)) {
    throw malformedStanza(TYPE);
  }
  return { salt, work: Number(work) };
}

function tooMuch(work: number, most: number): LetheError {
  return new LetheError(
    "ERR_LETHE_KEY_COST",
    `Cannot open envelope: its passphrase takes scrypt with N = 2^${work}, and at most 2^${most} is allowed; raise mostLogWork if you trust the file`,
  );
}

function derive(
  { secrets }: EnvelopeContext,
  passphrase: SecretBuffer,
  salt: View,
  logWork: number,
): SecretBuffer {
  const cost = { N: 2 ** logWork, r: 8, p: 1 };
  return born(secrets, 32, (key) =>
    withWorkspace(secrets, scryptRoom(cost), (space) =>
      lend([passphrase], (passphrase) => scrypt(passphrase, joined(LABEL, salt), cost, key, space)),
    ),
  );
}
