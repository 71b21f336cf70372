import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { landingOf, type SecretSource, sourceError } from "../../features/sources/mod.ts";
import type { Entry } from "../entry_here.ts";
import { keyringsHere } from "./adapter_here.ts";
import type { RunParameters } from "./parameters.ts";
import { lengthOfLine } from "./token_line.ts";

/** The longest line that is taken at a prompt, and the largest key file. */
export const MOST_BYTES = 65_536;

/**
 * Reads what `--from` names, without one newline at its end.
 *
 * @throws {LetheError} `ERR_LETHE_SOURCE_*`
 */
export async function readFrom(
  secrets: Secrets,
  from: string,
  { readSecret }: Pick<Entry, "readSecret">,
  { trust }: Pick<RunParameters, "trust">,
): Promise<SecretBuffer> {
  const [, scheme = "", reference = ""] = /^(keyring|kernel-keyring):(.+)$/s.exec(from) ?? [];
  if (scheme !== "") return await readKeyring(secrets, scheme, reference);
  if (from.startsWith("env:")) return await readSecret(secrets, from);
  const options = { maxBytes: MOST_BYTES };
  return await readSecret(
    secrets,
    from,
    from.startsWith("file:") ? { ...options, trust } : options,
  );
}

/** A keyring keeps the newline with which somebody typed or piped a secret into it. */
async function readKeyring(
  secrets: Secrets,
  scheme: string,
  reference: string,
): Promise<SecretBuffer> {
  const { openKernelKeyring, openSecretService } = await keyringsHere();
  const source: SecretSource =
    scheme === "keyring" ? openSecretService() : openKernelKeyring({ keyring: "session" });
  const record = await source.read(reference, { land: landingOf(secrets) });
  try {
    const whole = record.field();
    const length = whole.expose(lengthOfLine);
    if (length === 0 || length > MOST_BYTES) {
      const [code, reason] =
        length === 0
          ? (["ERR_LETHE_SOURCE_EMPTY", "it is empty; set it to a value"] as const)
          : (["ERR_LETHE_SOURCE_TOO_LONG", `it has more than ${MOST_BYTES} bytes`] as const);
      throw sourceError(code, source.name, reference, reason);
    }
    return whole.slice(0, length);
  } finally {
    record.destroy();
  }
}
