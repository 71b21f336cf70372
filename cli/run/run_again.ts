import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import type { Entry } from "../entry_here.ts";
import { followChanges } from "./follow_changes.ts";
import { gatherSecrets } from "./gather_secrets.ts";
import type { Files } from "./pack.ts";
import { canChange, type Restarting, type RunParameters } from "./parameters.ts";
import { readFrom } from "./read_from.ts";
import { keepStarting } from "./restart.ts";
import type { Start } from "./start.ts";

/**
 * Makes a command out of its secrets, in the order of the options; they are destroyed once it has them.
 *
 * @param files by default, new ones
 */
export type Assemble = (gathered: readonly SecretBuffer[], files?: Files) => Start;

/** What it takes to read secrets again. */
interface RunAgainContext {
  readonly parameters: RunParameters;
  readonly restarting: Restarting;
  readonly entry: Entry;
  readonly secrets: Secrets;
}

/**
 * Runs a command, and again when its secrets change. Those that cannot be read again are kept, in secret memory.
 *
 * @param files for the first command
 * @returns the exit status of the last command
 */
export async function runAgain(
  { parameters, restarting, entry, secrets }: RunAgainContext,
  files: Files,
  assemble: Assemble,
): Promise<number> {
  const { wanted } = parameters;
  const followed = wanted.flatMap((one) => {
    const { name, from } = one;
    if (from === undefined || !canChange(one)) return [];
    return [{ name, from, read: () => readFrom(secrets, from, entry, parameters) }];
  });
  const changes = await followChanges(secrets, followed, restarting);
  try {
    const others = wanted.filter((one) => !canChange(one));
    const kept = await gatherSecrets({ ...parameters, wanted: others }, entry, secrets);
    let first: Files | undefined = files;
    return await keepStarting(changes, restarting, () => {
      const gathered = copiesOf(wanted, (one) => {
        const same = kept[others.indexOf(one)];
        return same === undefined ? changes.current(one.name) : same.clone();
      });
      const opened = first;
      first = undefined;
      return opened === undefined ? assemble(gathered) : assemble(gathered, opened);
    });
  } finally {
    changes.close();
  }
}

/** Each copy, or none: when one cannot be made, the others are destroyed. */
function copiesOf<T>(list: readonly T[], copy: (one: T) => SecretBuffer): readonly SecretBuffer[] {
  const made: SecretBuffer[] = [];
  try {
    for (const one of list) made.push(copy(one));
    return made;
  } catch (error) {
    for (const secret of made) secret.destroy();
    throw error;
  }
}
