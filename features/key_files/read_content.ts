import { isZero } from "../../core/is_zero.ts";
import type { MemorySecrets } from "../../core/memory_secrets.ts";
import { equalBytes, offHeapBytes, type SecretBuffer } from "../../core/mod.ts";
import { carriesMagic } from "../../core/sealed_key_mark.ts";
import { raiseOf } from "../../core/secrets_context.ts";
import { MOST_KEY_BYTES } from "./key_shape.ts";
import { knownFormatOf } from "./known_formats.ts";
import type { Content } from "./publish.ts";
import { HEADER_BYTES, hasMagic, OVERHEAD_BYTES } from "./sealed_format.ts";
import { type Source, withFile } from "./source.ts";
import type { Task } from "./task.ts";
import { readFull } from "./transfer.ts";

/**
 * Reads a plain key file: exactly `byteLength` bytes, from the kernel straight into secret memory. All
 * checks are on the descriptor that is read.
 *
 * @param asIs takes bytes that look like another format too; never those of a sealed key file
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT` for a sealed key file, and for what is not a raw key;
 * `ERR_LETHE_KEY_SIZE`, a misuse, for another number of bytes
 */
export function readPlain(
  task: Task,
  secrets: MemorySecrets,
  source: Source,
  byteLength: number,
  asIs: boolean,
): SecretBuffer {
  return withFile(task, source, (descriptor, { size }) => {
    const refuse = (what: string): never =>
      raiseOf(secrets, "ERR_LETHE_KEY_SIZE", task.message(`${what}; ${REMEDY}`));
    if (size !== byteLength) {
      if (size > 0) look(task, secrets, descriptor, size, asIs);
      refuse(`it holds ${size} bytes and ${byteLength} were asked for`);
    }
    const content = secrets.make(byteLength, (bytes) => {
      if (readFull(task, descriptor, bytes) < byteLength) refuse("it ended early");
      refuseForeign(task, bytes, true, asIs);
      refuseZeros(task, bytes);
    });
    try {
      // What is one byte too long has shown it only if it did not grow after the size was asked.
      const end = secrets.make(1, (bytes) => {
        if (readFull(task, descriptor, bytes, byteLength) > 0) refuse("it has bytes after its end");
      });
      end.destroy();
    } catch (error) {
      content.destroy();
      throw error;
    }
    return content;
  });
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
  source: Source,
): Uint8Array<ArrayBuffer> {
  return withFile(task, source, (descriptor, { size }) => {
    if (size <= OVERHEAD_BYTES || size > MOST_KEY_BYTES + OVERHEAD_BYTES) {
      task.refuse(
        "ERR_LETHE_KEY_FORMAT",
        `it holds ${size} bytes, which no sealed key file does; ${NOT_SEALED}`,
      );
    }
    const content = offHeapBytes(size);
    readHeader(task, secrets, descriptor, content);
    const rest = new Uint8Array(content.buffer, HEADER_BYTES, size - HEADER_BYTES);
    const end = offHeapBytes(1);
    const short = readFull(task, descriptor, rest, HEADER_BYTES) < rest.length;
    if (short || readFull(task, descriptor, end, size) > 0) changed(task);
    return content;
  });
}

/**
 * Refuses a key of nothing but zeros: what some file systems leave of a file after a power cut. A short key may be zeros by chance.
 */
export function refuseZeros(task: Task, bytes: Uint8Array): void {
  if (bytes.length < LEAST_CERTAIN) return;
  if (!isZero(bytes)) return;
  task.refuse("ERR_LETHE_KEY_DAMAGED", "it holds nothing but zeros; restore it from a copy");
}

/** Random bytes of this number are never all zero. */
const LEAST_CERTAIN = 16;

/** Whether a file has this content, no more and no less. One that is not there has not. */
export function hasContent(
  task: Task,
  secrets: MemorySecrets,
  source: Source,
  content: Content,
): boolean {
  let descriptor = -1;
  const missing = task.failing((calls) => {
    descriptor = source.open(calls);
  }, NOT_THERE);
  if (missing !== null) return false;
  try {
    const { kind, size } = task.do((calls) => calls.stat(descriptor));
    if (kind !== "file" || size < 1 || size > MOST_KEY_BYTES + OVERHEAD_BYTES) return false;
    let equal = false;
    const found = secrets.make(size, (bytes) => {
      const whole = readFull(task, descriptor, bytes) === size;
      content((expected) => {
        equal = whole && expected.length === size && equalBytes(expected, bytes);
      });
    });
    found.destroy();
    return equal;
  } finally {
    task.try((calls) => calls.close(descriptor));
  }
}

/**
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT` for bytes that carry Lethe's mark, and, unless `asIs` is
 * set, for those of a known format
 */
export function refuseForeign(
  task: Task,
  bytes: Uint8Array<ArrayBuffer>,
  whole: boolean,
  asIs: boolean,
): void {
  if (carriesMagic(bytes)) {
    task.refuse(
      "ERR_LETHE_KEY_FORMAT",
      "it is a sealed key file, or has one in it, and no plain key; open it with its passphrase, or restore it if it was cut or altered",
    );
  }
  const format = asIs ? null : knownFormatOf(bytes, whole);
  if (format === null) return;
  task.refuse(
    "ERR_LETHE_KEY_FORMAT",
    `it is ${format.name}, and no raw key; ${format.way}, or pass asIs: true (--as-is) to use its bytes as they are`,
  );
}

/** Of another size than was asked for: the beginning may tell why. */
function look(
  task: Task,
  secrets: MemorySecrets,
  descriptor: number,
  size: number,
  asIs: boolean,
): void {
  const start = secrets.make(Math.min(size, GLIMPSE), (bytes) => {
    const whole = readFull(task, descriptor, bytes) === size;
    refuseForeign(task, bytes, whole, asIs);
  });
  start.destroy();
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
      task.refuse("ERR_LETHE_KEY_FORMAT", `it is not a sealed key file; ${NOT_SEALED}`);
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

const NOT_THERE: readonly string[] = ["ENOENT", "ELOOP", "EACCES", "ENXIO", "EISDIR"];
/** How much of a file of the wrong size is looked at. */
const GLIMPSE = 4096;
const REMEDY = "restore the key, or correct the path";
const NOT_SEALED =
  "restore the sealed file if there was one; if it has always been plain, leave the passphrase away";
