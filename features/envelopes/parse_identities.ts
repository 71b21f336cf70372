import { wrongType } from "../../core/arguments/argument_error.ts";
import { checkBytes, copyBytes, lengthOf } from "../../core/arguments/check_bytes.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { wipeBytes } from "../../core/bytes.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { isSecretBuffer } from "../../core/held_secret.ts";
import { ascii, hasAt } from "../../core/sealed_key_mark.ts";
import type { SecretInput } from "../../core/standard/standard.ts";
import { adopting, born, checkSecret, type Message } from "../crypto/lend.ts";
import type { View } from "./bytes.ts";
import { type EnvelopeContext, useUp } from "./context.ts";
import type { HeldIdentity } from "./identity.ts";
import { readIdentityFile } from "./identity_file.ts";
import { identityOfKeyFile } from "./key_identity.ts";
import type { ParseIdentitiesOptions } from "./options.ts";

const VERB = "parse identities";
const LONGEST = 1 << 20;

/** See {@link Envelopes.parseIdentities}. */
export function parseIdentities(
  context: EnvelopeContext,
  source: SecretInput,
  options: ParseIdentitiesOptions | undefined,
): readonly HeldIdentity[] {
  const given = readOptions(options, VERB, ["passphrase"]);
  return adopting(context.secrets, [source, given.passphrase], (source, passphrase) =>
    parseOwn(context, source, passphrase),
  );
}

function parseOwn(
  context: EnvelopeContext,
  source: Message,
  passphrase: SecretBuffer | undefined,
): readonly HeldIdentity[] {
  if (passphrase !== undefined) checkSecret(passphrase, VERB, "passphrase", 1, LONGEST_PASSPHRASE);
  if (isSecretBuffer(source)) {
    checkLength(source.byteLength);
    return read(context, source, passphrase);
  }
  checkBytes(source, VERB, "source");
  checkLength(lengthOf(source));
  const text = born(context.secrets, lengthOf(source), (bytes) => copyBytes(bytes, source));
  const identities = useUp(text, () => read(context, text, passphrase));
  if (wipeBytes(source)) return identities;
  for (const identity of identities) identity.destroy();
  throw new LetheError(
    "ERR_LETHE_WIPE",
    "Cannot wipe the source of identities: a byte did not read back as zero",
  );
}

/** A block of PEM is one key of SSH; anything else, lines of identities. */
function read(
  context: EnvelopeContext,
  file: SecretBuffer,
  passphrase: SecretBuffer | undefined,
): readonly HeldIdentity[] {
  const isPem = file.expose((bytes) => hasAt(bytes, 0, PEM));
  if (isPem) return [identityOfKeyFile(context, file, passphrase)];
  if (passphrase !== undefined) {
    throw wrongType(
      `Cannot ${VERB} as there is a passphrase, and the file is not an SSH key; open one that age encrypted with open() and usePassphrase() first`,
    );
  }
  return file.expose((bytes) => readIdentityFile(context, bytes as View));
}

const PEM = ascii("-----BEGIN ");
const LONGEST_PASSPHRASE = 65_536;

function checkLength(byteLength: number): void {
  if (byteLength <= LONGEST) return;
  throw new LetheError(
    "ERR_LETHE_KEY_FORMAT",
    `Cannot read identities: it has ${byteLength} bytes, and no identity file takes more than ${LONGEST}; correct the path`,
  );
}
