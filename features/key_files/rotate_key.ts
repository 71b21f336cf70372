import { readOptions } from "../../core/arguments/options.ts";
import { sweepBefore, withChange } from "./change.ts";
import {
  contentOf,
  costOfSuccessor,
  headerOf,
  type KeyFileContext,
  originalOf,
  plainContent,
  readKey,
} from "./contents.ts";
import { destroyKey } from "./destroy_key.ts";
import { bytesOf, checkShape, type KeyShape, secretOf, toKey } from "./key_shape.ts";
import { randomKey } from "./make_key.ts";
import { flagOf, passphraseOf, type RotateKeyOptions } from "./options.ts";
import { checkPrevious, replace } from "./replace.ts";
import { type Rotation, rotation } from "./rotation.ts";
import { sourceIn } from "./source.ts";

/** Puts a random key in the place of the one in a file, and gives both. */
export function rotateKey<S extends KeyShape>(
  context: KeyFileContext,
  path: string,
  shape: S,
  options: RotateKeyOptions | undefined,
): Rotation<S> {
  const verb = "rotate";
  checkShape(shape, verb);
  const known = ["passphrase", "cost", "keepPrevious", "asIs"] as const;
  const own = readOptions(options, `${verb} key file`, known);
  const passphrase = passphraseOf(own, "passphrase", verb);
  const asIs = flagOf(own, "asIs", verb);
  const keep = flagOf(own, "keepPrevious", verb);
  const { secrets, engineFor, cost: usual } = context;
  return withChange(context, path, verb, (task, place) => {
    const { key, sealed } = readKey(context, task, sourceIn(place), shape, { passphrase, asIs });
    const previous = toKey(secrets, engineFor, shape, key);
    try {
      const before = sealed?.file ?? plainContent(secretOf(previous), bytesOf(shape));
      const original = originalOf(context, task, place, before);
      sweepBefore(task, place, original);
      checkPrevious(task, place, original);
      const cost = costOfSuccessor(context, sealed?.header.cost ?? usual, own.cost);
      const current = randomKey(context, shape, (made) => {
        const header = headerOf(shape);
        const put = contentOf(context, task, secretOf(made), header, passphrase, cost);
        replace(task, place, original, put, keep ? "keep" : "key");
      });
      return rotation(previous, current);
    } catch (error) {
      destroyKey(previous);
      throw error;
    }
  });
}
