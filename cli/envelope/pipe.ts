import { closeSync, fsyncSync, openSync, readFileSync, unlinkSync } from "node:fs";
import { isatty } from "node:tty";
import { isSecretBuffer, type SecretBuffer, type Secrets } from "../../core/mod.ts";
import type { StreamPair } from "../../features/envelopes/mod.ts";
import { readToEnd, writeAll } from "../blocking_io.ts";
import { NotPossibleError, UsageError } from "../command_line/usage_error.ts";
import { openNamed, readNamed } from "../open_named.ts";

const PIECE_BYTES = 65_536;

/** Refuses a terminal that would show a secret, before anybody is asked for anything. */
export function checkPlainSource(path: string): void {
  if (path === "-" && isatty(0)) {
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

/** Ciphertext, whole. */
export function readCiphertext(path: string): Uint8Array {
  if (path === "-") return readFileSync(0);
  return readNamed(path);
}

/** Pieces of plaintext, straight from the kernel into secret memory. */
export async function* plaintextOf(
  secrets: Secrets,
  path: string,
): AsyncGenerator<SecretBuffer, void, undefined> {
  yield* pieces(path, (descriptor) => {
    const room = secrets.allocate(PIECE_BYTES);
    const length = room.modify((bytes) => readToEnd(descriptor, bytes));
    if (length === PIECE_BYTES) return room;
    const rest = length === 0 ? null : room.slice(0, length);
    room.destroy();
    return rest;
  });
}

/** Pieces of ciphertext. */
export async function* ciphertextOf(
  path: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  yield* pieces(path, (descriptor) => {
    const bytes = new Uint8Array(new ArrayBuffer(PIECE_BYTES));
    const length = readToEnd(descriptor, bytes);
    return length === 0 ? null : bytes.subarray(0, length);
  });
}

async function* pieces<T>(
  path: string,
  read: (descriptor: number) => T | null,
): AsyncGenerator<T, void, undefined> {
  const descriptor = path === "-" ? 0 : openNamed(path);
  try {
    for (let piece = read(descriptor); piece !== null; piece = read(descriptor)) yield piece;
  } finally {
    if (path !== "-") closeSync(descriptor);
  }
}

/** Lets pieces through a stream into a target. @returns how many bytes came out */
export async function pipe<In, Out extends Uint8Array | SecretBuffer>(
  source: AsyncGenerator<In, void, undefined>,
  pair: StreamPair<Out>,
  out: string,
): Promise<number> {
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
  const output = input.pipeThrough(pair as unknown as ReadableWritablePair<Out, In>);
  return await withTarget(out, async (write) => {
    let length = 0;
    for await (const chunk of output) {
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
