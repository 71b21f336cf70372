import { closeSync } from "node:fs";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import type { Parcel } from "./hand_over.ts";
import { dropMemoryFile, fillMemoryFile, type MemoryFile } from "./memory_file.ts";
import { renderAll, type Template } from "./template.ts";

/** Files for secrets, in the order of the options; null for sockets, which starting a command makes. */
export type Files = readonly (MemoryFile | null)[];

/** What each command gets its secrets by. */
export interface PackContext {
  readonly secrets: Secrets;
  readonly wanted: readonly { readonly name: string }[];
  /** The descriptors of the command, in the same order. */
  readonly numbers: readonly number[];
  readonly templates: ReadonlyMap<string, Template>;
  /** Makes a file; null: secrets go through sockets. */
  readonly openFile: (() => MemoryFile) | null;
}

/** One for each secret. When it throws, none of them is left open. */
export function openFiles({ wanted, openFile }: Pick<PackContext, "wanted" | "openFile">): Files {
  const made: (MemoryFile | null)[] = [];
  try {
    for (const _ of wanted) made.push(openFile?.() ?? null);
    return made;
  } catch (error) {
    for (const file of made) if (file !== null) dropMemoryFile(file);
    throw error;
  }
}

/**
 * Makes of secrets what a command is to get, and fills the files before the command is there to read them.
 *
 * - PACK-1: when it throws, every secret is destroyed and every descriptor closed: `lethe run` may go on for weeks
 *
 * @param gathered in the order of the options; they are destroyed once their command has them
 * @param opened by default, new files
 */
export function pack(
  context: PackContext,
  gathered: readonly SecretBuffer[],
  opened?: Files,
): readonly Parcel[] {
  const { secrets, wanted, numbers, templates } = context;
  let texts = gathered;
  let waiting: (MemoryFile | null)[] = [...(opened ?? [])];
  const filled: MemoryFile[] = [];
  try {
    texts = renderAll(secrets, wanted, gathered, templates);
    if (opened === undefined) waiting = [...openFiles(context)];
    return texts.map((secret, index): Parcel => {
      const file = waiting[index] ?? null;
      if (file !== null) {
        waiting[index] = null; // it closes itself when it cannot be filled
        secret.expose((bytes) => fillMemoryFile(file, bytes));
        filled.push(file);
        secret.destroy();
      }
      return { number: numbers[index] as number, secret, file };
    });
  } catch (error) {
    for (const file of waiting) if (file !== null) dropMemoryFile(file);
    for (const { reader } of filled) closeSync(reader);
    for (const secret of texts) secret.destroy();
    throw error;
  }
}
