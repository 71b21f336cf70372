import type { Stanza } from "../../core/contract/key_wrapper.ts";
import { LetheError, type SecretBuffer } from "../../core/mod.ts";
import { born } from "../crypto/lend.ts";
import { toBytes } from "../envelopes/base64.ts";
import { checkNamed, type KeyName, readKeyIdentity } from "../envelopes/key_names.ts";
import type { AgeIdentity } from "../envelopes/mod.ts";
import { isX25519, X25519 } from "../envelopes/x25519.ts";
import { decodePublicBody } from "./dialogue.ts";
import {
  checkForm,
  give,
  Kept,
  listen,
  misused,
  type Problem,
  problemOf,
  speak,
  tell,
  tooMuch,
} from "./served_phases.ts";
import type { Serving } from "./serving.ts";

/** Each can take a passphrase. */
const MOST_IDENTITIES = 64;

/** A header, of which the stanzas of other types are counted and not kept. */
interface File {
  readonly index: string;
  readonly stanzas: { readonly at: number; readonly stanza: Stanza }[];
  count: number;
  /** Nothing of it may be opened any more, or it is open. */
  isOver: boolean;
}

/** An identity that was given, by its place. */
interface Named extends KeyName {
  readonly at: number;
}

/** Unwraps file keys (C2SP age-plugin, "identity-v1"). A key file is opened only where there is a stanza that it may open. */
export async function serveIdentities(serving: Serving): Promise<void> {
  const texts: string[] = [];
  const files: File[] = [];
  await listenFor(serving, texts, files);
  await speak(serving, () => unwrapAll(serving, texts, files));
}

async function listenFor({ dialogue }: Serving, texts: string[], files: File[]): Promise<void> {
  const kept = new Kept();
  await listen(dialogue, (command) => {
    const [name, first = "", type, ...rest] = command.args;
    if (name === "add-identity") {
      checkForm(command, 2);
      if (texts.length === MOST_IDENTITIES) throw tooMuch();
      kept.add(first.length);
      texts.push(first);
    } else if (name === "recipient-stanza") {
      if (type === undefined) throw misused(name);
      const file = fileOf(files, first, kept);
      const at = file.count++;
      if (type !== X25519) return;
      kept.add(rest.join(" ").length + command.text.length);
      const body = decodePublicBody(command.text) ?? new Uint8Array(new ArrayBuffer(0));
      file.stanzas.push({ at, stanza: { args: [type, ...rest], body } });
    }
  });
}

/** The file that stanzas are of now: they come file by file, in order. */
function fileOf(files: File[], index: string, kept: Kept): File {
  const last = files.at(-1);
  if (last?.index === index) return last;
  if (!/^(?:0|[1-9][0-9]{0,8})$/.test(index) || Number(index) <= Number(last?.index ?? -1)) {
    throw misused("recipient-stanza");
  }
  kept.add(index.length);
  const file = { index, stanzas: [], count: 0, isOver: false };
  files.push(file);
  return file;
}

async function unwrapAll(
  serving: Serving,
  texts: readonly string[],
  files: readonly File[],
): Promise<void> {
  const { dialogue } = serving;
  const { names, problems } = namesOf(texts);
  if (problems.length > 0) return await tell(dialogue, problems);
  for (const file of files) await checkStanzas(serving, file);
  const isLeft = (): boolean => files.some((file) => isOpenable(file));
  for (const name of inOrder(serving, names, problems)) {
    if (!isLeft()) break;
    try {
      await withIdentity(serving, name, (identity) => tryAll(serving, identity, files));
    } catch (error) {
      if (error instanceof LetheError && error.code === "ERR_LETHE_WRAPPER") throw error;
      problems.push(problemOf(error, "identity", String(name.at)));
    }
  }
  // age takes an error for the end of everything, also where another identity had the key.
  if (isLeft()) await tell(dialogue, problems);
}

const isOpenable = ({ isOver, stanzas }: File): boolean => !isOver && stanzas.length > 0;

function namesOf(texts: readonly string[]): {
  readonly names: readonly Named[];
  readonly problems: Problem[];
} {
  const names = new Map<string, Named>();
  const problems: Problem[] = [];
  for (const [at, text] of texts.entries()) {
    try {
      if (!names.has(text)) names.set(text, { ...readKeyIdentity(toBytes(text)), at });
    } catch (error) {
      problems.push(problemOf(error, "identity", String(at)));
    }
  }
  return { names: [...names.values()], problems };
}

/** Refuses a file of which a stanza of a known type has not the form of that type. */
async function checkStanzas({ dialogue }: Serving, file: File): Promise<void> {
  for (const { at, stanza } of file.stanzas) {
    if (isX25519(stanza)) continue;
    await refuseFile(dialogue, file, at);
    return;
  }
}

async function refuseFile(dialogue: Serving["dialogue"], file: File, at: number): Promise<void> {
  file.isOver = true;
  const message = "its X25519 stanza has not the form of that type; restore the file";
  await tell(dialogue, [{ where: ["stanza", file.index, String(at)], message }]);
}

/** Those that nobody is asked for come first. */
function inOrder(
  { holder }: Serving,
  names: readonly Named[],
  problems: Problem[],
): readonly Named[] {
  const [plain, sealed]: [Named[], Named[]] = [[], []];
  for (const name of names) {
    try {
      (holder.isSealed(name.path) ? sealed : plain).push(name);
    } catch (error) {
      problems.push(problemOf(error, "identity", String(name.at)));
    }
  }
  return [...plain, ...sealed];
}

async function withIdentity(
  { holder, envelopes }: Serving,
  name: Named,
  use: (identity: AgeIdentity) => Promise<void>,
): Promise<void> {
  const { publicKey, secretKey } = await holder.open(name.path);
  let identity: AgeIdentity;
  try {
    checkNamed(name, publicKey);
    identity = envelopes.useKey({ type: "x25519", bits: 256, publicKey, secretKey });
  } finally {
    secretKey.destroy();
  }
  try {
    await use(identity);
  } finally {
    identity.destroy();
  }
}

async function tryAll(
  { dialogue, secrets }: Serving,
  identity: AgeIdentity,
  files: readonly File[],
): Promise<void> {
  const land = (byteLength: number, fill: (bytes: Uint8Array<ArrayBuffer>) => void): SecretBuffer =>
    born(secrets, byteLength, fill);
  for (const file of files.filter(isOpenable)) {
    for (const { at, stanza } of file.stanzas) {
      let fileKey: SecretBuffer | null;
      try {
        fileKey = await identity.unwrap([stanza], land);
      } catch (error) {
        if ((error as Partial<LetheError>).code !== "ERR_LETHE_ENVELOPE_FORMAT") throw error;
        await refuseFile(dialogue, file, at); // a point of low order, which only a key shows
        break;
      }
      if (fileKey === null) continue;
      file.isOver = true;
      try {
        await give(dialogue, ["file-key", file.index], fileKey);
      } finally {
        fileKey.destroy();
      }
      break;
    }
  }
}
