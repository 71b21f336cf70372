import { checkBytes, lengthOf } from "../../core/arguments/check_bytes.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { wipeBytes } from "../../core/bytes.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { isSecretBuffer, type SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { born } from "../crypto/lend.ts";
import type { View } from "./bytes.ts";
import { type EnvelopeContext, useUp } from "./context.ts";
import type { ParseIdentitiesOptions } from "./envelopes.ts";
import type { HeldIdentity } from "./identity.ts";
import { readIdentityFile } from "./identity_file.ts";

const VERB = "parse identities";
const LONGEST = 1 << 20;

/** See {@link Envelopes.parseIdentities}. */
export function parseIdentities(
  context: EnvelopeContext,
  source: SecretBuffer | Uint8Array,
  options: ParseIdentitiesOptions | undefined,
): readonly HeldIdentity[] {
  readOptions(options, VERB, ["passphrase"]);
  if (isSecretBuffer(source)) {
    checkLength(source.byteLength);
    return source.expose((bytes) => readIdentityFile(context, bytes as View));
  }
  checkBytes(source, VERB, "source");
  checkLength(lengthOf(source));
  const text = born(context.secrets, lengthOf(source), (bytes) => bytes.set(source));
  const identities = useUp(text, () =>
    text.expose((bytes) => readIdentityFile(context, bytes as View)),
  );
  if (wipeBytes(source)) return identities;
  for (const identity of identities) identity.destroy();
  throw new LetheError(
    "ERR_LETHE_WIPE",
    "Cannot wipe the source of identities: a byte did not read back as zero",
  );
}

function checkLength(byteLength: number): void {
  if (byteLength <= LONGEST) return;
  throw new LetheError(
    "ERR_LETHE_KEY_FORMAT",
    `Cannot read identities: it has ${byteLength} bytes, and no identity file takes more than ${LONGEST}; correct the path`,
  );
}
