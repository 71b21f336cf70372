import { closeSync, fsyncSync, openSync, unlinkSync } from "node:fs";
import { isatty } from "node:tty";
import { isSecretBuffer, type SecretBuffer } from "../../core/mod.ts";
import type { StreamPair } from "../../features/envelopes/mod.ts";
import { writeAll } from "../blocking_io.ts";
import { NotPossibleError, UsageError } from "../command_line/usage_error.ts";
import { isStandardInput } from "../standard_input.ts";

/** Refuses a terminal that would show a secret, before anybody is asked for anything. */
export function checkPlainSource(path: string): void {
  if (isStandardInput(path) && isatty(0)) {
    throw new UsageError("standard input is a terminal, which would show the secret; give a file");
  }
}

/** @throws {UsageError} */
export function checkPlainTarget(out: string, toTerminal: boolean): void {
  if (out === "-" && isatty(1) && !toTerminal) {
    throw new UsageError(
      "the secret would be shown on the terminal: give a file, or --to-terminal if you mean it",
    );
  }
}

/** Lets pieces through a stream. */
export function through<In, Out>(
  source: AsyncGenerator<In, void, undefined>,
  pair: StreamPair<Out>,
): AsyncIterable<Out> {
  const input = new ReadableStream<In>(
    {
      async pull(controller) {
        const { done, value } = await source.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await source.return();
      },
    },
    { highWaterMark: 0 },
  );
  return input.pipeThrough(pair as unknown as ReadableWritablePair<Out, In>);
}

/** Writes what comes to a target, and ends what is secret of it. @returns how many bytes that were */
export async function writeTo(
  out: string,
  source: AsyncIterable<Uint8Array | SecretBuffer>,
): Promise<number> {
  return await withTarget(out, async (write) => {
    let length = 0;
    for await (const chunk of source) {
      length += isSecretBuffer(chunk) ? chunk.byteLength : chunk.length;
      if (isSecretBuffer(chunk)) {
        chunk.expose(write);
        chunk.destroy();
      } else write(chunk);
    }
    return length;
  });
}

/**
 * Lends what writes to a new file, never over another one, of mode 0600 at most, which is synced at the end; or to
 * standard output. A file that could not be written whole is removed.
 */
export async function withTarget<T>(
  out: string,
  use: (write: (bytes: Uint8Array) => void) => Promise<T>,
): Promise<T> {
  if (out === "-") return await use((bytes) => writeAll(1, bytes));
  const file = openNew(out);
  try {
    const result = await use((bytes) => writeAll(file, bytes));
    fsyncSync(file);
    return result;
  } catch (error) {
    unlinkSync(out);
    throw error;
  } finally {
    closeSync(file);
  }
}

function openNew(out: string): number {
  try {
    return openSync(out, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new NotPossibleError(`there is a file ${JSON.stringify(out)} already; give another OUT`);
  }
}
