import type { Argon2Cost } from "../../core/contract/cost.ts";
import type { MemorySecrets } from "../../core/memory_secrets.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { raiseOf } from "../../core/secrets_context.ts";
import type { FileCalls } from "./file_calls.ts";
import { bytesOf, type KeyShape, typeOf } from "./key_shape.ts";
import type { EngineFor } from "./options.ts";
import { checkSealingCost } from "./options.ts";
import type { Place } from "./place.ts";
import type { Content } from "./publish.ts";
import { hasContent, readPlain, readSealed, refuseForeign } from "./read_content.ts";
import type { Original } from "./replace.ts";
import { examine, firstBytes, openKey, SEALING_OPERATIONS, sealKey } from "./seal_key.ts";
import type { SealedHeader } from "./sealed_format.ts";
import { type Source, sourceIn } from "./source.ts";
import type { Task } from "./task.ts";

/** What key files are made with. */
export interface KeyFileContext {
  readonly calls: FileCalls;
  readonly secrets: MemorySecrets;
  readonly engineFor: EngineFor;
  readonly cost: Argon2Cost;
  readonly mostCost: Argon2Cost;
  /** Milliseconds to wait for another change. */
  readonly wait: number;
}

/** A sealed key file that was opened. */
export interface Opened {
  readonly key: SecretBuffer;
  readonly header: SealedHeader;
  /** The bytes of the file. */
  readonly file: Uint8Array<ArrayBuffer>;
}

/** How a file is read: with a passphrase it must be sealed, without one it must be plain. */
export interface Reading {
  readonly passphrase: SecretBuffer | undefined;
  readonly asIs: boolean;
}

/** The key in a file, and, of a sealed one, what the file is. */
export function readKey(
  context: KeyFileContext,
  task: Task,
  source: Source,
  shape: KeyShape,
  { passphrase, asIs }: Reading,
): { readonly key: SecretBuffer; readonly sealed: Opened | null } {
  if (passphrase !== undefined) {
    const sealed = openSealed(context, task, source, passphrase, shape);
    return { key: sealed.key, sealed };
  }
  return { key: readPlain(task, context.secrets, source, bytesOf(shape), asIs), sealed: null };
}

/** Opens a sealed key file. A key inside that is a sealed key file itself is none. */
export function openSealed(
  context: KeyFileContext,
  task: Task,
  source: Source,
  passphrase: SecretBuffer,
  shape?: KeyShape,
): Opened {
  const { secrets, engineFor, mostCost } = context;
  const sealing = { task, secrets, engine: engineFor(SEALING_OPERATIONS) };
  const file = readSealed(task, secrets, source);
  const header = examine(sealing, file, mostCost);
  if (shape !== undefined) checkHeader(context, task, header, shape);
  const key = openKey(sealing, file, passphrase, header);
  try {
    key.expose((bytes) => refuseForeign(task, bytes as Uint8Array<ArrayBuffer>, true, true));
  } catch (error) {
    key.destroy();
    throw error;
  }
  return { key, header, file };
}

/**
 * The content of a file with this key. Argon2id runs here, before there is a temporary file.
 *
 * @param cost of a sealed file; without it the file is plain
 */
export function contentOf(
  context: KeyFileContext,
  task: Task,
  key: SecretBuffer,
  header: Omit<SealedHeader, "cost">,
  passphrase: SecretBuffer | undefined,
  cost: Argon2Cost,
): Content {
  if (passphrase === undefined) return plainContent(key, header.keyBytes);
  const { secrets, engineFor, mostCost } = context;
  const sealing = { task, secrets, engine: engineFor(SEALING_OPERATIONS) };
  const file = sealKey(sealing, key, passphrase, {
    ...header,
    cost: checkSealingCost(cost, mostCost, "seal"),
  });
  return (use) => use(file);
}

/** What a sealed file says of a key of this shape. */
export function headerOf(shape: KeyShape): Omit<SealedHeader, "cost"> {
  return { type: typeOf(shape), keyBytes: bytesOf(shape) };
}

/** The first bytes of a secret, as they stand in a plain key file. */
export function plainContent(key: SecretBuffer, byteLength: number): Content {
  return (use) =>
    key.expose((bytes) => use(firstBytes(bytes as Uint8Array<ArrayBuffer>, byteLength)));
}

/** The file at a place as it was read. */
export function originalOf(
  { secrets }: KeyFileContext,
  task: Task,
  { directory }: Place,
  file: Content | Uint8Array<ArrayBuffer>,
): Original {
  const content: Content = typeof file === "function" ? file : (use) => use(file);
  return {
    content,
    isAt: (name) => hasContent(task, secrets, sourceIn({ directory, name }), content),
  };
}

/**
 * What a file is sealed at when it takes the place of a sealed one: the cost that a call names, else as much
 * memory, and as much work (memory times passes), as before and as is usual here.
 */
export function costOfSuccessor(
  { cost: usual, mostCost }: KeyFileContext,
  before: Argon2Cost,
  asked: Argon2Cost | undefined,
): Argon2Cost {
  if (asked !== undefined) return asked;
  const memoryBytes = Math.max(before.memoryBytes, usual.memoryBytes);
  const work = Math.max(workOf(before), workOf(usual));
  const cost = { passes: Math.ceil(work / memoryBytes), memoryBytes };
  if (workOf(cost) <= workOf(mostCost)) return cost;
  return workOf(before) < workOf(usual) ? usual : before; // rounding up came to more than is opened here
}

function workOf({ passes, memoryBytes }: Argon2Cost): number {
  return passes * memoryBytes;
}

function checkHeader(
  context: KeyFileContext,
  task: Task,
  header: SealedHeader,
  shape: KeyShape,
): void {
  if (header.type !== typeOf(shape)) {
    task.refuse(
      "ERR_LETHE_KEY_FORMAT",
      `it holds a key of type ${header.type} and ${typeOf(shape)} was asked for; ask for what it is`,
    );
  }
  if (header.keyBytes !== bytesOf(shape)) {
    raiseOf(
      context.secrets,
      "ERR_LETHE_KEY_SIZE",
      task.message(
        `it holds a key of ${header.keyBytes} bytes and ${bytesOf(shape)} were asked for; restore the key, or ask for the number that it has`,
      ),
    );
  }
}
