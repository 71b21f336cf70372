import type { MemorySecrets } from "../../core/memory_secrets.ts";
import { offHeapBytes, type SecretBuffer } from "../../core/mod.ts";
import { MOST_KEY_BYTES } from "./key_shape.ts";
import { checkFile, type Place } from "./place.ts";
import { HEADER_BYTES, hasMagic, OVERHEAD_BYTES } from "./sealed_format.ts";
import type { Task } from "./task.ts";
import { readFull } from "./transfer.ts";

/** What was read, and of which file, as {@link FileFacts.identity}. */
export interface ReadContent<T> {
  readonly content: T;
  readonly identity: string;
}

/**
 * Reads a plain key file: exactly `byteLength` bytes, from the kernel straight into secret memory. All
 * checks are on the descriptor that is read.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_SIZE`, a misuse, for another number of bytes
 */
export function readPlain(
  task: Task,
  secrets: MemorySecrets,
  { directory, name }: Place,
  byteLength: number,
): ReadContent<SecretBuffer> {
  return task.using(
    (calls) => calls.openFile(directory, name),
    (descriptor) => {
      const { size, identity } = checkFile(task, descriptor);
      const refuse = (what: string): never =>
        secrets.raise("ERR_LETHE_KEY_SIZE", task.message(`${what}; ${REMEDY}`));
      if (size !== byteLength) {
        refuse(
          size === byteLength + OVERHEAD_BYTES
            ? `it holds ${size} bytes and ${byteLength} were asked for, as if it were sealed`
            : `it holds ${size} bytes and ${byteLength} were asked for`,
        );
      }
      const content = secrets.make(byteLength, (bytes) => {
        if (readFull(task, descriptor, bytes) < byteLength) refuse("it ended early");
      });
      try {
        // What is one byte too long has shown it only if it did not grow after the size was asked.
        const end = secrets.make(1, (bytes) => {
          if (readFull(task, descriptor, bytes) > 0) refuse("it goes on after its end");
        });
        end.destroy();
      } catch (error) {
        content.destroy();
        throw error;
      }
      return { content, identity };
    },
  );
}

/**
 * Reads a sealed key file, as ciphertext into ordinary memory: no more than the largest one has. Its
 * beginning is read into secret memory, so that nothing of a plain file is copied anywhere.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT` when it is plain or larger, `ERR_LETHE_KEY_CHANGED` when
 * it changes
 */
export function readSealed(
  task: Task,
  secrets: MemorySecrets,
  { directory, name }: Place,
): ReadContent<Uint8Array<ArrayBuffer>> {
  return task.using(
    (calls) => calls.openFile(directory, name),
    (descriptor) => {
      const { size, identity } = checkFile(task, descriptor);
      if (size <= OVERHEAD_BYTES || size > MOST_KEY_BYTES + OVERHEAD_BYTES) {
        task.refuse(
          "ERR_LETHE_KEY_FORMAT",
          `it holds ${size} bytes, which no sealed key file does; ${WITHOUT}`,
        );
      }
      const content = offHeapBytes(size);
      readHeader(task, secrets, descriptor, content);
      const rest = new Uint8Array(content.buffer, HEADER_BYTES, size - HEADER_BYTES);
      const end = offHeapBytes(1);
      if (readFull(task, descriptor, rest) < rest.length || readFull(task, descriptor, end) > 0) {
        changed(task);
      }
      return { content, identity };
    },
  );
}

function readHeader(
  task: Task,
  secrets: MemorySecrets,
  descriptor: number,
  content: Uint8Array<ArrayBuffer>,
): void {
  const header = secrets.make(HEADER_BYTES, (bytes) => {
    if (readFull(task, descriptor, bytes) < HEADER_BYTES) changed(task);
    if (!hasMagic(bytes)) {
      task.refuse("ERR_LETHE_KEY_FORMAT", `it is not a sealed key file; ${WITHOUT}`);
    }
    content.set(bytes);
  });
  header.destroy();
}

function changed(task: Task): never {
  return task.refuse(
    "ERR_LETHE_KEY_CHANGED",
    "its length changed while it was read; read it again",
  );
}

const REMEDY = "restore the key, or ask for the number that it has";
const WITHOUT = "read it without a passphrase if it is a plain one";
