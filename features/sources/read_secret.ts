import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { isAbortSignal, type SignalLike } from "../../core/arguments/foreign.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { readOptions } from "../../core/arguments/options.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import type { KeyFileTrust } from "../key_files/mod.ts";
import type { BoundOptions } from "./answer.ts";
import { ONLY_FIELD } from "./record.ts";
import { landingOf, type SecretSource } from "./source.ts";
import type { TrimmingOptions } from "./trimming.ts";

/** How {@link ReadSecret} reads. */
export interface ReadSecretOptions extends TrimmingOptions, BoundOptions {
  /** Of a file: whom it may come from. Default: `"strict"`. */
  readonly trust?: KeyFileTrust;
  /** Ends the read, which then rejects with the signal's reason. */
  readonly signal?: SignalLike;
}

/**
 * Reads one secret from where a reference says: `file:PATH`, `env:NAME`, `fd:N`, `exec:COMMAND`, or `-` for standard
 * input. One newline at its end is taken off, unless `newline` is `"keep"`.
 *
 * @returns a secret that the caller destroys
 * @throws {LetheError} `ERR_LETHE_SOURCE_*`
 * @throws {TypeError} for another form of reference
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { openSecrets } from "lethe";
 * import { readSecret } from "lethe/sources";
 *
 * writeFileSync("token", "a token\n", { mode: 0o600 }); // your platform does this
 * const token = await readSecret(openSecrets(), "file:./token");
 * token.expose((bytes) => bytes.length);
 * token.destroy();
 * ```
 */
export type ReadSecret = (
  secrets: Secrets,
  reference: string,
  options?: ReadSecretOptions,
) => Promise<SecretBuffer>;

/** The sources that a reference can name. */
export interface NamedSources {
  file(options: TrimmingOptions & Pick<ReadSecretOptions, "trust" | "maxBytes">): SecretSource;
  fd(options: TrimmingOptions & BoundOptions): SecretSource;
  exec(options: TrimmingOptions & BoundOptions): SecretSource;
  env(options: TrimmingOptions): SecretSource;
}

/** The `readSecret` of a runtime. */
export function secretReader(sources: NamedSources): ReadSecret {
  return async function readSecret(secrets, reference, options) {
    const own = readOptions(options, VERB, OPTIONS);
    const { signal, trust, newline = "strip", byteOrderMark, maxBytes, timeout } = own;
    if (typeof secrets?.land !== "function") {
      throw wrongKind(`Cannot ${VERB} as secrets must come from openSecrets()`, secrets);
    }
    if (signal !== undefined && !isAbortSignal(signal)) {
      throw wrongType(`Cannot ${VERB} as signal must be an AbortSignal`);
    }
    const { scheme, rest } = parse(reference);
    if (trust !== undefined && scheme !== "file") {
      throw wrongType(`Cannot ${VERB} as trust is for file: alone`);
    }
    const text = { newline, ...(byteOrderMark === undefined ? {} : { byteOrderMark }) };
    const size = maxBytes === undefined ? {} : { maxBytes };
    const bounds = { ...size, ...(timeout === undefined ? {} : { timeout }) };
    const source = {
      file: () => sources.file({ ...text, ...size, ...(trust === undefined ? {} : { trust }) }),
      fd: () => sources.fd({ ...text, ...bounds }),
      exec: () => sources.exec({ ...text, ...bounds }),
      env: () => sources.env(text),
    }[scheme]();
    const record = await source.read(rest, { land: landingOf(secrets), signal });
    try {
      return record.field(ONLY_FIELD);
    } catch (error) {
      record.destroy(); // several fields: they take a source of their own
      throw error;
    }
  };
}

const VERB = "read secret";
const OPTIONS = ["trust", "newline", "byteOrderMark", "maxBytes", "timeout", "signal"] as const;

interface Parsed {
  readonly scheme: "file" | "fd" | "exec" | "env";
  readonly rest: string;
}

/** No message quotes it: somebody may have put the secret itself there. */
function parse(reference: unknown): Parsed {
  if (reference === "-") return { scheme: "fd", rest: "-" };
  const [, scheme, rest] =
    typeof reference === "string" ? (/^(file|fd|exec|env):(.+)$/s.exec(reference) ?? []) : [];
  if (scheme !== undefined && rest !== undefined) {
    return { scheme: scheme as Parsed["scheme"], rest };
  }
  throw wrongType(
    `Cannot ${VERB} as reference must be file:PATH, env:NAME, fd:N, exec:COMMAND or "-": current value is ${typeof reference === "string" ? "other text" : kindOf(reference)}`,
  );
}
