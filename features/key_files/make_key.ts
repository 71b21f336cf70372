import { outOfRange } from "../../core/arguments/argument_error.ts";
import { readOptions } from "../../core/arguments/options.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { carriesMagic } from "../../core/sealed_key_mark.ts";
import { checkSecret } from "../crypto/lend.ts";
import { sweepBefore, withChange } from "./change.ts";
import { contentOf, headerOf, type KeyFileContext } from "./contents.ts";
import { destroyKey } from "./destroy_key.ts";
import {
  bytesOf,
  checkShape,
  type KeyOf,
  type KeyPair,
  type KeyShape,
  PAIR_BYTES,
  secretOf,
  toKey,
} from "./key_shape.ts";
import { knownFormatOf } from "./known_formats.ts";
import { type KeyFileOptions, passphraseOf } from "./options.ts";
import { publish } from "./publish.ts";

/** Makes a file with a random key, and gives the key. */
export function createKey<S extends KeyShape>(
  context: KeyFileContext,
  path: string,
  shape: S,
  options: KeyFileOptions | undefined,
): KeyOf<S> {
  const verb = "create";
  checkShape(shape, verb);
  const own = readOptions(options, `${verb} key file`, ["passphrase", "cost"]);
  const passphrase = passphraseOf(own, "passphrase", verb);
  const { cost = context.cost } = own;
  return withChange(context, path, verb, (task, place) => {
    sweepBefore(task, place, null);
    return randomKey(context, shape, (key) => {
      const header = headerOf(shape);
      publish(task, place, contentOf(context, task, secretOf(key), header, passphrase, cost));
    });
  });
}

/** Makes a file with the first 32 bytes of `source`, and gives the key pair. */
export function storeKey(
  context: KeyFileContext,
  path: string,
  type: "ed25519" | "x25519",
  source: SecretBuffer,
  options: KeyFileOptions | undefined,
): KeyPair {
  const verb = "store";
  checkShape(type, verb);
  if (type !== "ed25519" && type !== "x25519") {
    throw outOfRange("Cannot store key file: type must be ed25519 or x25519");
  }
  checkSecret(source, "store key file", "key", 32, 64);
  const own = readOptions(options, `${verb} key file`, ["passphrase", "cost"]);
  const passphrase = passphraseOf(own, "passphrase", verb);
  const { cost = context.cost } = own;
  const { byteLength } = source;
  if (byteLength !== PAIR_BYTES && (type !== "ed25519" || byteLength !== 2 * PAIR_BYTES)) {
    throw outOfRange(
      `Cannot store key file as a key of ${type} has 32 bytes, or with its public key (Ed25519) 64: current value has ${byteLength}`,
    );
  }
  return withChange(context, path, verb, (task, place) => {
    sweepBefore(task, place, null);
    const seed = source.slice(0, PAIR_BYTES);
    if (seed.expose(isUnstorable)) {
      seed.destroy();
      task.refuse("ERR_LETHE_KEY_FORMAT", "the bytes are zeros or text, and no raw key");
    }
    return keeping(toKey<typeof type>(context.secrets, context.engineFor, type, seed), (pair) => {
      const header = headerOf(type);
      publish(task, place, contentOf(context, task, pair.secretKey, header, passphrase, cost));
    });
  });
}

/** A new key, handed out once `keep` has put it away. Never one that a read would take for no key. */
export function randomKey<S extends KeyShape>(
  { secrets, engineFor }: KeyFileContext,
  shape: S,
  keep: (key: KeyOf<S>) => void,
): KeyOf<S> {
  let content = secrets.random(bytesOf(shape));
  while (content.expose(looksForeign)) {
    content.destroy();
    content = secrets.random(bytesOf(shape));
  }
  return keeping(toKey(secrets, engineFor, shape, content), keep);
}

/** The key, or an error and no key. */
function keeping<K extends SecretBuffer | KeyPair>(key: K, keep: (key: K) => void): K {
  try {
    keep(key);
  } catch (error) {
    destroyKey(key);
    throw error;
  }
  return key;
}

/** Whether reading would refuse these bytes. */
function isUnstorable(bytes: Uint8Array): boolean {
  let any = 0;
  for (const byte of bytes) any |= byte;
  return any === 0 || looksForeign(bytes);
}

/** Whether reading would take these bytes for a sealed key file, or for a key in another format. */
function looksForeign(bytes: Uint8Array): boolean {
  return carriesMagic(bytes) || knownFormatOf(bytes, true) !== null;
}
