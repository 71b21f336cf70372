import { bare, has } from "../../core/arguments/own.ts";
import type { MemorySecrets } from "../../core/memory_secrets.ts";
import { carriesMagic } from "../../core/sealed_key_mark.ts";
import type { KeyFileReport } from "./key_file_report.ts";
import { knownFormatOf } from "./known_formats.ts";
import { leftovers } from "./leftovers.ts";
import { octal } from "./octal.ts";
import { hasMagic, OVERHEAD_BYTES, parseHeader, type SealedHeader } from "./sealed_format.ts";
import { type Source, withFile } from "./source.ts";
import type { Task } from "./task.ts";
import { readFull } from "./transfer.ts";

/**
 * Describes a key file after the checks of a read. A file that begins as a sealed one is taken for one;
 * that it is whole, only opening it tells.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT` for a sealed file that is not understood,
 * `ERR_LETHE_KEY_DAMAGED` for one of another length than it says, or with something in front of it
 */
export function describeFile(task: Task, source: Source, secrets: MemorySecrets): KeyFileReport {
  return withFile(task, source, (descriptor, { size, mode, links }) => {
    const facts = {
      mode: octal(mode),
      names: links,
      access: task.calls.access,
      trust: source.trust,
      leftovers: source.place === null ? [] : leftovers(task, source.place),
    };
    const seen = size > 0 ? glimpse(task, secrets, descriptor, size) : {};
    const { header, looksLike } = seen;
    if (header === undefined) {
      return {
        form: "plain",
        keyBytes: size,
        ...(looksLike === undefined ? {} : { looksLike }),
        ...facts,
      };
    }
    if (header.keyBytes + OVERHEAD_BYTES !== size) damaged(task);
    return { form: "sealed", ...header, ...facts };
  });
}

interface Glimpse {
  readonly header?: SealedHeader;
  readonly looksLike?: string;
}

/** What the beginning tells, of which a plain file's key is a part. */
function glimpse(task: Task, secrets: MemorySecrets, descriptor: number, size: number): Glimpse {
  const start = secrets.allocate(Math.min(size, MOST));
  try {
    return start.modify((bytes) => {
      const whole = readFull(task, descriptor, bytes) === size;
      if (hasMagic(bytes)) return bare({ header: understood(task, bytes) });
      if (carriesMagic(bytes)) damaged(task);
      const format = knownFormatOf(bytes, whole);
      return bare(format === null ? {} : { looksLike: format.name });
    });
  } finally {
    start.destroy();
  }
}

function understood(task: Task, bytes: Uint8Array<ArrayBuffer>): SealedHeader {
  const header = parseHeader(bytes);
  if (!has(header, "refusal")) return header;
  if (header.foreign) damaged(task); // shorter than a header
  return task.refuse("ERR_LETHE_KEY_FORMAT", `${header.refusal}; use a newer Lethe`);
}

function damaged(task: Task): never {
  return task.refuse(
    "ERR_LETHE_KEY_DAMAGED",
    "it is a sealed key file that was cut or altered; restore it from a copy",
  );
}

/** How much is looked at, in bytes: enough for every format that is known. */
const MOST = 4096;
