import type { SourceSubject } from "../../conformance/mod.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { MemorySource, makeRecord, sourceError } from "../../features/sources/everywhere.ts";
import type { ReadContext, SecretRecord, SecretSource } from "../../features/sources/types.ts";
import { openSecrets } from "../../memories/heap/mod.ts";

/** A source with one fault: the suite must find it, and it alone. */
export interface FaultySource {
  readonly breaks: string;
  readonly fault: string;
  subject(): SourceSubject;
}

const HALF = Uint8Array.from("half an answer", (letter) => letter.charCodeAt(0));
const EMPTY = "empty";
/** In milliseconds: after the suite has aborted, and before its patience ends. */
const LATE = 120;

/** A sound subject over the double; `change` gives the source other methods. */
export function memorySubject(
  change: (inner: MemorySource) => Partial<SecretSource> = () => ({}),
  own: Partial<SourceSubject> = {},
): SourceSubject {
  const kept = openSecrets();
  const inner = new MemorySource();
  let number = 0;
  const set = (reference: string, content: Uint8Array): void =>
    content.length === 0
      ? inner.fail(reference, "ERR_LETHE_SOURCE_EMPTY")
      : inner.set(reference, [["value", kept.adopt(content)]]);
  const sound: SecretSource = {
    name: inner.name,
    residue: inner.residue,
    read: (reference, context) => {
      if (isSlow(reference)) return slow(reference, context, LATE);
      return inner.read(reference, context);
    },
    watch: (reference, onChange, signal) => inner.watch(reference, onChange, signal),
  };
  return {
    source: () => ({ ...sound, ...change(inner) }),
    put(content) {
      number += 1;
      const reference = `${content.length === 0 ? EMPTY : "put"}-${number}`;
      set(reference, content);
      return reference;
    },
    change: (reference, content) => set(reference, content),
    missing: () => "none",
    locked() {
      inner.fail("locked", "ERR_LETHE_SOURCE_LOCKED");
      return "locked";
    },
    half() {
      inner.fail("half", "ERR_LETHE_SOURCE_INCOMPLETE");
      return "half";
    },
    slow: () => "slow",
    lingering: () => "lingering",
    patience: 500,
    ...own,
  };
}

export const isSlow = (reference: string): boolean =>
  reference === "slow" || reference === "lingering";

/** Gives up after some milliseconds, or when the signal says so. */
function slow(
  reference: string,
  { signal }: ReadContext,
  milliseconds: number,
): Promise<SecretRecord> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => {
      reject(sourceError("ERR_LETHE_SOURCE_TIMEOUT", "memory", reference, "late; try again"));
    }, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

export const faulty = (
  breaks: string,
  fault: string,
  change: (inner: MemorySource) => Partial<SecretSource>,
): FaultySource => ({ breaks, fault, subject: () => memorySubject(change) });

/** Reads soundly, and makes another record of it. */
export const remade =
  (
    make: (record: SecretRecord, context: ReadContext, reference: string) => SecretRecord,
  ): ((inner: MemorySource) => Partial<SecretSource>) =>
  (inner) => ({
    async read(reference, context) {
      if (isSlow(reference)) return await slow(reference, context, LATE);
      return make(await inner.read(reference, context), context, reference);
    },
  });

/** The record with another value, of which `length` bytes are the same. */
export function cut(record: SecretRecord, land: ReadContext["land"], length: number): SecretRecord {
  const value = record.field();
  const shorter = value.expose((bytes) =>
    land(length, (page) => page.set(bytes.subarray(0, length))),
  );
  value.destroy();
  return makeRecord({ version: record.version, fields: [["value", shorter]] });
}

export const others: Secrets = openSecrets();

export const FAULTY_SOURCES: readonly FaultySource[] = [
  faulty(
    "SOURCE-1",
    "takes every newline off the end",
    remade((record, { land }) => {
      const { byteLength } = record.field();
      const ends = record.field().expose((bytes) => bytes[byteLength - 1] === 10);
      return ends ? cut(record, land, byteLength - 1) : record;
    }),
  ),
  faulty(
    "SOURCE-1",
    "ends at a zero byte, as C does",
    remade((record, { land }) => {
      const end = record.field().expose((bytes) => bytes.indexOf(0));
      return end > 0 ? cut(record, land, end) : record;
    }),
  ),
  faulty(
    "SOURCE-2",
    "makes its secrets elsewhere",
    remade((record) => {
      const fields = [...record.fields].map(([name, secret]): [string, SecretBuffer] => [
        name,
        others.adopt(secret),
      ]);
      record.destroy();
      return makeRecord({ version: record.version, fields });
    }),
  ),
  faulty("SOURCE-2", "has a name that is a sentence", () => ({ name: "My Source" })),
  faulty("SOURCE-3", "reads its first bytes before a change, and the rest after it", (inner) => {
    let last: SecretBuffer | undefined;
    return {
      async read(reference, context) {
        if (isSlow(reference)) return await slow(reference, context, LATE);
        const record = await inner.read(reference, context);
        const value = record.field();
        const before = last;
        last = others.adopt(value);
        if (before === undefined || value.byteLength < 3000) return record;
        const mixed = value.expose((bytes) =>
          before.expose((old) =>
            context.land(bytes.length, (page) => {
              page.set(bytes);
              page.set(old.subarray(0, Math.min(1, old.length)));
            }),
          ),
        );
        const isOther = before.byteLength >= 3000 && before.byteLength <= 5000;
        if (!isOther || value.byteLength > 5000) {
          mixed.destroy();
          return record;
        }
        value.destroy();
        return makeRecord({ version: record.version, fields: [["value", mixed]] });
      },
    };
  }),
  faulty(
    "SOURCE-4",
    "hashes the bytes for a version",
    remade((record) => {
      const sum = record.field().expose((bytes) => bytes.reduce((a, b) => (a * 31 + b) | 0, 7));
      return makeRecord({ version: `${sum}`, fields: record.fields });
    }),
  ),
  faulty(
    "SOURCE-4",
    "names every state by its reference",
    remade((record, _, reference) => makeRecord({ version: reference, fields: record.fields })),
  ),
  faulty("SOURCE-5", "makes an error of another kind of what is not there", (inner) => ({
    async read(reference, context) {
      if (reference === "none") throw new Error("ENOENT");
      if (isSlow(reference)) return await slow(reference, context, LATE);
      return await inner.read(reference, context);
    },
  })),
  faulty("SOURCE-5", "leaves its workspace behind when it fails", (inner) => ({
    async read(reference, context) {
      if (reference === "locked") context.land(8, () => undefined);
      if (isSlow(reference)) return await slow(reference, context, LATE);
      return await inner.read(reference, context);
    },
  })),
  faulty("SOURCE-6", "takes what came", (inner) => ({
    async read(reference, context) {
      if (isSlow(reference)) return await slow(reference, context, LATE);
      if (reference !== "half") return await inner.read(reference, context);
      const value = context.land(HALF.length, (page) => page.set(HALF));
      return makeRecord({ version: "1", fields: [["value", value]] });
    },
  })),
  faulty("SOURCE-7", "does not look at its signal", (inner) => ({
    async read(reference, { land }) {
      if (isSlow(reference)) return await slow(reference, { land }, LATE);
      return await inner.read(reference, { land });
    },
  })),
  faulty("SOURCE-7", "looks at its signal until its answer has come", (inner) => ({
    async read(reference, context) {
      if (reference === "lingering") return await slow(reference, { land: context.land }, LATE);
      if (isSlow(reference)) return await slow(reference, context, LATE);
      return await inner.read(reference, context);
    },
  })),
  faulty("SOURCE-7", "waits for ever", (inner) => ({
    async read(reference, context) {
      if (isSlow(reference)) return await slow(reference, context, 60_000);
      return await inner.read(reference, context);
    },
  })),
  faulty("SOURCE-8", "keeps what it reads in one place for all", (inner) => {
    let place = "";
    return {
      async read(reference, context) {
        if (isSlow(reference)) return await slow(reference, context, LATE);
        place = reference;
        await null;
        return await inner.read(place, context);
      },
    };
  }),
  faulty("SOURCE-9", "tells of no change", () => ({ watch: async () => undefined })),
  faulty("SOURCE-9", "does not stop", (inner) => ({
    watch: (reference, onChange) => inner.watch(reference, onChange, new AbortController().signal),
  })),
];
