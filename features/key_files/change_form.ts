import { readOptions } from "../../core/arguments/options.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { sweepBefore, withChange } from "./change.ts";
import {
  contentOf,
  costOfSuccessor,
  headerOf,
  type KeyFileContext,
  openSealed,
  originalOf,
  plainContent,
  readKey,
} from "./contents.ts";
import { bytesOf, checkShape, type KeyShape } from "./key_shape.ts";
import {
  type ChangePassphraseOptions,
  flagOf,
  type KeyFileOptions,
  neededPassphrase,
  type SealKeyOptions,
} from "./options.ts";
import type { Place } from "./place.ts";
import type { Content } from "./publish.ts";
import { replace } from "./replace.ts";
import { sourceIn } from "./source.ts";
import type { Task } from "./task.ts";

/** Puts the sealed form of a plain key file in its place. */
export function sealFile(
  context: KeyFileContext,
  path: string,
  shape: KeyShape,
  options: SealKeyOptions,
): void {
  const verb = "seal";
  checkShape(shape, verb);
  const own = readOptions(options, `${verb} key file`, ["passphrase", "cost", "asIs"]);
  const passphrase = neededPassphrase(own, "passphrase", verb);
  const asIs = flagOf(own, "asIs", verb);
  const { cost = context.cost } = own;
  withChange(context, path, verb, (task, place) => {
    const reading = { passphrase: undefined, asIs };
    const { key } = readKey(context, task, sourceIn(place), shape, reading);
    const before = plainContent(key, bytesOf(shape));
    replaceForm({ context, task, place, key, before }, () =>
      contentOf(context, task, key, headerOf(shape), passphrase, cost),
    );
  });
}

/** Puts the plain form of a sealed key file in its place. */
export function unsealFile(
  context: KeyFileContext,
  path: string,
  options: Pick<KeyFileOptions, "passphrase">,
): void {
  const verb = "unseal";
  const own = readOptions(options, `${verb} key file`, ["passphrase"]);
  const passphrase = neededPassphrase(own, "passphrase", verb);
  withChange(context, path, verb, (task, place) => {
    const { key, header, file } = openSealed(context, task, sourceIn(place), passphrase);
    replaceForm({ context, task, place, key, before: file }, () =>
      plainContent(key, header.keyBytes),
    );
  });
}

/** Puts the same key, sealed under another passphrase, in the place of a sealed key file. */
export function resealFile(
  context: KeyFileContext,
  path: string,
  options: ChangePassphraseOptions,
): void {
  const verb = "reseal";
  const known = ["passphrase", "newPassphrase", "cost"] as const;
  const own = readOptions(options, `${verb} key file`, known);
  const old = neededPassphrase(own, "passphrase", verb);
  const passphrase = neededPassphrase(own, "newPassphrase", verb);
  withChange(context, path, verb, (task, place) => {
    const { key, header, file } = openSealed(context, task, sourceIn(place), old);
    replaceForm({ context, task, place, key, before: file }, () => {
      const cost = costOfSuccessor(context, header.cost, own.cost);
      return contentOf(context, task, key, header, passphrase, cost);
    });
  });
}

/** A file whose key is to be kept in another form. */
interface FormChange {
  readonly context: KeyFileContext;
  readonly task: Task;
  readonly place: Place;
  readonly key: SecretBuffer;
  /** What the file holds. */
  readonly before: Content | Uint8Array<ArrayBuffer>;
}

/** Puts the content that `form` makes in the place of the file, and destroys the key. */
function replaceForm({ context, task, place, key, before }: FormChange, form: () => Content): void {
  try {
    const original = originalOf(context, task, place, before);
    sweepBefore(task, place, original);
    replace(task, place, original, form(), "form");
  } finally {
    key.destroy();
  }
}
