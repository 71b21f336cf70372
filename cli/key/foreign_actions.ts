import type { LetheError, SecretBuffer } from "../../core/mod.ts";
import { isWritableComment } from "../../features/keys/comment.ts";
import {
  formatKey,
  formatPublicKey,
  type PrivateKey,
  type PublicKey,
  parsePublicKey,
} from "../../features/keys/mod.ts";
import { UsageError } from "../command_line/usage_error.ts";
import type { Bench, Told } from "./action.ts";
import { askPassphrase } from "./ask.ts";
import type { Parameters } from "./parameters.ts";
import { openForeign, readContent, readForeign } from "./read_foreign.ts";
import { checkTarget, writeTarget } from "./write_foreign.ts";

/** Reads a key of another program, and writes it in another form. */
export async function convert(bench: Bench, parameters: Parameters): Promise<Told | null> {
  checkPrivateTarget(parameters);
  const key = await readForeign(bench, parameters);
  try {
    return await writePrivate(bench, parameters, key);
  } finally {
    key.secretKey.destroy();
  }
}

/** The key of a key file as a key of another program. */
export async function exportPair(
  bench: Bench,
  parameters: Parameters,
  pair: { readonly type: "ed25519" | "x25519" } & Pick<PrivateKey, "publicKey" | "secretKey">,
): Promise<Told | null> {
  const { type, publicKey, secretKey } = pair;
  const beside = { bits: 256, comment: null, encrypted: false, format: "seed" } as const;
  return await writePrivate(bench, parameters, { type, publicKey, secretKey, ...beside });
}

/** Everything that can be refused before a passphrase is typed. */
export function checkPrivateTarget({ to, plain, encrypt, target }: Parameters): void {
  if (to === undefined)
    throw new UsageError("--to is needed: one of pkcs8, pkcs8-pem, openssh, jwk, seed");
  if (plain === encrypt) {
    throw new UsageError(
      "one of --encrypt and --plain is needed, since the new form is a private key",
    );
  }
  if (encrypt && !ENCRYPTED.includes(to)) {
    throw new UsageError("only pkcs8, pkcs8-pem and openssh can be encrypted; use one of these");
  }
  checkTarget(target);
}

/** The public key of a private or public one. Public keys may be shown. */
export async function showPublic(bench: Bench, parameters: Parameters): Promise<Told | null> {
  const { publicForm: format = "openssh", target } = parameters;
  checkTarget({ ...target, toTerminal: true });
  const key = await publicOf(bench, parameters);
  const comment = besides(format, key);
  writeTarget(target, formatPublicKey(key, { format, ...comment }));
  return target.out === undefined ? null : { done: "read", ...facts(key, format), out: target.out };
}

/** What is not a private key may be a public one: that order, since reading a public key may make strings. */
async function publicOf(bench: Bench, parameters: Parameters): Promise<PublicKey | PrivateKey> {
  const { path, raw } = parameters;
  const content = readContent(bench.secrets, path);
  try {
    const key = await openForeign(bench, parameters, content);
    key.secretKey.destroy();
    return key;
  } catch (error) {
    if ((error as Partial<LetheError>).code !== "ERR_LETHE_KEY_FORMAT") throw error;
    try {
      return content.expose((bytes) => parsePublicKey(bytes, raw === undefined ? {} : { raw }));
    } catch (other) {
      // With a passphrase it may be a private key that is plain, which only the first of the two says.
      throw parameters.passphrase === undefined ? other : error;
    }
  } finally {
    content.destroy();
  }
}

async function writePrivate(
  bench: Bench,
  parameters: Parameters,
  key: PrivateKey,
): Promise<Told | null> {
  const { to: format = "pkcs8-pem", encrypt, newPassphrase, target } = parameters;
  const passphrase = encrypt
    ? await askPassphrase(bench, "New passphrase", newPassphrase, true)
    : undefined;
  let text: SecretBuffer | undefined;
  try {
    const sealing = passphrase === undefined ? {} : { passphrase };
    text = formatKey(bench.secrets, key, { format, ...sealing, ...besides(format, key) });
    text.expose((bytes) => writeTarget(target, bytes));
  } finally {
    text?.destroy();
    passphrase?.destroy();
  }
  if (target.out === undefined) return null;
  const done = parameters.action === "export" ? "exported" : "converted"; // the path is of what was read
  return { done, ...facts(key, format), encrypted: encrypt, out: target.out };
}

const ENCRYPTED: readonly string[] = ["pkcs8", "pkcs8-pem", "openssh"];

/** The comment, in the forms that have one. One that is too long or has control characters is left out. */
function besides(
  format: string,
  { comment }: Pick<PublicKey, "comment">,
): { readonly comment?: Uint8Array } {
  if (comment === null || (format !== "openssh" && format !== "jwk")) return {};
  return isWritableComment(comment) ? { comment } : {};
}

function facts({ type, bits }: Pick<PublicKey, "type" | "bits">, format: string): Told {
  return { type, bits, format };
}
