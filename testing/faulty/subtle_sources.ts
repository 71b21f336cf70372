import type { SecretBuffer } from "../../core/mod.ts";
import { makeRecord, sourceError } from "../../features/sources/everywhere.ts";
import type { SecretRecord } from "../../features/sources/types.ts";
import {
  cut,
  type FaultySource,
  faulty,
  isSlow,
  memorySubject,
  others,
  remade,
} from "./sources.ts";

/** A record that nobody checked, because it was not made by makeRecord. */
const handMade = (record: SecretRecord, own: Partial<SecretRecord>): SecretRecord => ({
  version: record.version,
  fields: record.fields,
  field: (name) => record.field(name),
  destroy: () => record.destroy(),
  [Symbol.dispose]: () => record.destroy(),
  ...own,
});

/** A sum that differs from place to place. */
const saltedSum = (record: SecretRecord, reference: string): string =>
  record
    .field()
    .expose((bytes) => `${reference} ${bytes.reduce((sum, byte) => (sum * 31 + byte) | 0, 7)}`);

/** Sources whose fault shows late, or to the second who looks. */
export const SUBTLE_SOURCES: readonly FaultySource[] = [
  faulty(
    "SOURCE-2",
    "makes records whose destroy does nothing",
    remade((record) => handMade(record, { destroy: () => undefined })),
  ),
  faulty(
    "SOURCE-2",
    "says that a record expires at no time that there is",
    remade((record) => handMade(record, { expiresAt: new Date(Number.NaN) })),
  ),
  faulty(
    "SOURCE-3",
    "keeps the first bytes of a reference and gives them under new versions",
    (inner) => {
      const kept = new Map<string, SecretBuffer>();
      let reads = 0;
      return {
        async read(reference, context) {
          if (isSlow(reference)) return await memorySubject().source().read(reference, context);
          const record = await inner.read(reference, context);
          const first = kept.get(reference) ?? others.adopt(record.field());
          kept.set(reference, first);
          record.destroy();
          reads += 1;
          const value = first.expose((bytes) =>
            context.land(bytes.length, (page) => page.set(bytes)),
          );
          return makeRecord({ version: `${reads}`, fields: [["value", value]] });
        },
      };
    },
  ),
  faulty(
    "SOURCE-4",
    "hashes the reference and the bytes for a version",
    remade((record, _, reference) =>
      makeRecord({ version: saltedSum(record, reference), fields: record.fields }),
    ),
  ),
  faulty(
    "SOURCE-4",
    "names versions by letters of another alphabet",
    remade((record) => handMade(record, { version: `\u0434${record.version}` })),
  ),
  faulty("SOURCE-5", "throws instead of rejecting", (inner) => ({
    read(reference, context) {
      if (isSlow(reference)) return memorySubject().source().read(reference, context);
      if (reference !== "none") return inner.read(reference, context);
      throw sourceError("ERR_LETHE_SOURCE_MISSING", "memory", reference, "none; set one");
    },
  })),
  faulty("SOURCE-5", "waits for what is not there", (inner) => ({
    read(reference, context) {
      if (isSlow(reference)) return memorySubject().source().read(reference, context);
      return reference === "none" ? new Promise(() => undefined) : inner.read(reference, context);
    },
  })),
  faulty("SOURCE-5", "lands a secret after it has failed", (inner) => ({
    read(reference, context) {
      if (isSlow(reference)) return memorySubject().source().read(reference, context);
      if (reference === "none") setTimeout(() => context.land(8, () => undefined), 1);
      return inner.read(reference, context);
    },
  })),
  faulty("SOURCE-6", "quotes the answer in the cause of an error", (inner) => ({
    async read(reference, context) {
      if (isSlow(reference)) return await memorySubject().source().read(reference, context);
      if (reference !== "half") return await inner.read(reference, context);
      const error = sourceError("ERR_LETHE_SOURCE_INCOMPLETE", "memory", reference, "half; retry");
      throw Object.assign(error, { cause: new Error("no JSON: half an answer") });
    },
  })),
  faulty(
    "SOURCE-6",
    "shortens what is longer than 64 KiB",
    remade((record, { land }) =>
      record.field().byteLength > 65_536 ? cut(record, land, 65_536) : record,
    ),
  ),
  faulty("SOURCE-8", "gives one record to all who read at once", (inner) => {
    const running = new Map<string, Promise<SecretRecord>>();
    return {
      read(reference, context) {
        if (isSlow(reference)) return memorySubject().source().read(reference, context);
        const shared =
          running.get(reference) ??
          inner.read(reference, context).finally(() => running.delete(reference));
        running.set(reference, shared);
        return shared;
      },
    };
  }),
  faulty("SOURCE-9", "tells of the first change alone", (inner) => ({
    watch(reference, onChange, signal) {
      let isFirst = true;
      const tell = (): void => {
        if (isFirst) onChange();
        isFirst = false;
      };
      return inner.watch(reference, tell, signal);
    },
  })),
  faulty("SOURCE-9", "watches one reference, the last", (inner) => {
    let last = new AbortController();
    return {
      async watch(reference, onChange, signal) {
        if (signal.aborted) throw signal.reason;
        last.abort();
        last = new AbortController();
        const own = last;
        signal.addEventListener("abort", () => own.abort());
        await inner.watch(reference, onChange, own.signal);
      },
    };
  }),
  faulty("SOURCE-9", "watches by a signal that was aborted", (inner) => ({
    async watch(reference, onChange, signal) {
      if (!signal.aborted) await inner.watch(reference, onChange, signal);
    },
  })),
];
