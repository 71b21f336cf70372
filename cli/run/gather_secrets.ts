import type { Custodian, KeyFiles } from "../../adapters/node/mod.ts";
import { LetheError, type SecretBuffer, type Secrets } from "../../core/mod.ts";
import type { Entry } from "../entry_here.ts";
import { type Asking, askPassphrase, hasTerminal } from "../key/ask.ts";
import type { RunParameters, Wanted } from "./parameters.ts";
import { MOST_BYTES, readFrom } from "./read_from.ts";
import { tokenLine } from "./token_line.ts";

/** Bytes of a key pair's secret as a plain key file has them: the seed, or the secret key. */
const PAIR_BYTES = 32;

/**
 * Every secret that the command is to get, in secret memory and in the order of the options. Key files
 * are read first, so that one that is refused is refused before anybody types. What is typed goes into
 * a custodian, so that a slow typist leaves nothing here.
 */
export async function gatherSecrets(
  parameters: Pick<RunParameters, "wanted" | "passphrases" | "sealed" | "trust" | "asIs">,
  entry: Entry,
  secrets: Secrets,
): Promise<readonly SecretBuffer[]> {
  const { openKeyFiles, openCustodian, promptSecret } = entry;
  const { wanted } = parameters;
  const keys = openKeyFiles(secrets, { onMisuse: "throw" });
  const read = wanted.map((one) => readPlain(keys, one, parameters));
  for (const [index, { from }] of wanted.entries()) {
    if (from !== undefined) read[index] = await readFrom(secrets, from, entry, parameters);
  }
  const asks = wanted.some(isAskedFor);
  const custodian = asks ? await openCustodian({ secrets }) : null;
  try {
    for (const [index, one] of wanted.entries()) {
      if (one.keyFile !== null)
        read[index] ??= await open(keys, { promptSecret, secrets }, one, parameters);
      else if (isAskedFor(one)) await custodian?.prompt(one.name, `${one.name}: `, POLICY);
    }
    const gathered: SecretBuffer[] = [];
    for (const [index, { name }] of wanted.entries()) {
      gathered.push(read[index] ?? (await taken(secrets, custodian as Custodian, name)));
    }
    return gathered;
  } finally {
    await custodian?.close();
  }
}

function isAskedFor({ keyFile, from }: Wanted): boolean {
  return keyFile === null && from === undefined;
}

const POLICY = { mayLeave: true, uses: 1, maxBytes: MOST_BYTES } as const;

/**
 * @returns null of one that is asked for, and of a sealed key file, which takes a passphrase
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT` for a plain one of which the command line says that it is
 * sealed: somebody may have put it in the place of the sealed one
 */
function readPlain(
  keys: KeyFiles,
  { keyFile: path, isToken }: Wanted,
  { trust, asIs, sealed }: Pick<RunParameters, "trust" | "asIs" | "sealed">,
): SecretBuffer | null {
  if (path === null) return null;
  const { form, keyBytes } = keys.inspect(path, { trust });
  if (form === "sealed") return null;
  if (!sealed) {
    const content = keys.read(path, keyBytes, { trust, asIs: asIs || isToken });
    return isToken ? tokenLine(content, path) : content;
  }
  throw new LetheError(
    "ERR_LETHE_KEY_FORMAT",
    `Cannot read key file ${JSON.stringify(path)}: it is plain, and --sealed or --passphrase-fd says that each --key is sealed; restore the sealed file if there was one, else leave that option away`,
  );
}

async function open(
  keys: KeyFiles,
  asking: Asking,
  { name, keyFile, isToken }: Wanted,
  { trust, passphrases }: Pick<RunParameters, "trust" | "passphrases">,
): Promise<SecretBuffer> {
  const path = String(keyFile);
  const { type, keyBytes } = keys.inspect(path, { trust });
  const passphrase = await asked(asking, name, path, passphrases);
  try {
    const options = { passphrase, trust };
    if (type !== "ed25519" && type !== "x25519") {
      const content = keys.read(path, keyBytes, options);
      return isToken ? tokenLine(content, path) : content;
    }
    const { secretKey } = keys.read(path, type, options);
    return secretKey.slice(0, PAIR_BYTES);
  } finally {
    passphrase.destroy();
  }
}

async function asked(
  asking: Asking,
  name: string,
  path: string,
  descriptor: number | undefined,
): Promise<SecretBuffer> {
  // Standard input is the command's: a line of it is not a passphrase that anybody gave.
  if (descriptor === undefined && !hasTerminal()) {
    throw new LetheError(
      "ERR_LETHE_PROMPT_CLOSED",
      `Cannot read key file ${JSON.stringify(path)}: it is sealed, and there is no terminal to ask for its passphrase; give it by --passphrase-fd`,
    );
  }
  try {
    return await askPassphrase(asking, `Passphrase of ${name}`, descriptor, false);
  } catch (error) {
    if (!(error instanceof LetheError) || error.code !== "ERR_LETHE_PROMPT_CLOSED") throw error;
    throw new LetheError(
      error.code,
      `Cannot read key file ${JSON.stringify(path)}: it is sealed, and the input ended before its passphrase; give it at a terminal or by --passphrase-fd`,
    );
  }
}

/** What came out of the custodian, for longer than the one use. */
async function taken(secrets: Secrets, custodian: Custodian, name: string): Promise<SecretBuffer> {
  return await custodian.expose(name, (bytes) => {
    const secret = secrets.allocate(bytes.length);
    secret.modify((own) => own.set(bytes));
    return secret;
  });
}
