import { isSecretBuffer, type SecretBuffer } from "../../core/mod.ts";
import { beforeDefaultAction, onEnding } from "../../features/process/shutdown/mod.ts";
import { ENDING_SIGNALS } from "../../system/signals.ts";
import { type NewFile, openNewFile } from "../new_file.ts";
import { hand } from "../output.ts";

/**
 * Writes to a new file, or to standard output, what `use` writes in one go. A signal ends the process only after that: otherwise it
 * would leave a part of the file.
 */
export function writeWhole(out: string, use: (write: (bytes: Uint8Array) => void) => void): void {
  let target: NewFile | undefined;
  const discard = (): void => target?.discard();
  const unwatch = out === "-" ? (): void => undefined : beforeEnd(discard);
  try {
    target = openTarget(out);
    use(target.write);
    target.finish();
  } finally {
    discard();
    unwatch();
  }
}

/**
 * Writes what comes to a new file, or to standard output, and ends what is secret of it. The file is made with the first
 * piece; one that is not whole is removed, before a signal ends the process too, where `hearsSignals`.
 *
 * @returns how many bytes that were
 */
export async function writeTo(
  out: string,
  source: AsyncIterable<Uint8Array | SecretBuffer>,
  hearsSignals: boolean,
): Promise<number> {
  let target: NewFile | undefined;
  const discard = (): void => target?.discard();
  const unwatch = out === "-" || !hearsSignals ? (): void => undefined : beforeEnd(discard);
  let length = 0;
  try {
    for await (const chunk of source) {
      length += isSecretBuffer(chunk) ? chunk.byteLength : chunk.length;
      try {
        target ??= openTarget(out);
        if (isSecretBuffer(chunk)) chunk.expose(target.write);
        else target.write(chunk);
      } finally {
        if (isSecretBuffer(chunk)) chunk.destroy();
      }
    }
    target ??= openTarget(out);
    target.finish();
    return length;
  } finally {
    discard();
    unwatch();
  }
}

function openTarget(out: string): NewFile {
  if (out !== "-") return openNewFile(out);
  const nothing = (): void => undefined;
  return { write: (bytes) => hand(bytes), finish: nothing, discard: nothing };
}

/** Whatever ends this process, but for SIGKILL and a crash. @returns what ends the watch */
function beforeEnd(act: () => void): () => void {
  const removers = ENDING_SIGNALS.map((signal) => beforeDefaultAction(signal, act));
  removers.push(onEnding(act));
  return () => {
    for (const remove of removers) remove();
  };
}
