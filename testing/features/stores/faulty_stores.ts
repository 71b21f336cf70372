// Stores that each break one rule: the suite has to find it.
import { LetheError } from "../../../core/mod.ts";
import {
  type EnvelopeStore,
  MemoryStore,
  type WriteOptions,
} from "../../../features/stores/mod.ts";

type Broken = Partial<Pick<EnvelopeStore, "read" | "write" | "remove" | "watch">>;

function broken(how: (good: MemoryStore) => Broken): () => EnvelopeStore {
  return () => {
    const good = new MemoryStore();
    return {
      name: "faulty",
      read: (key, signal) => good.read(key, signal),
      write: (key, envelope, options) => good.write(key, envelope, options),
      remove: (key, options) => good.remove(key, options),
      watch: (key, onChange, signal) => good.watch(key, onChange, signal),
      ...how(good),
    };
  };
}

/** A store that has other keys than it is given. */
function withKeys(good: MemoryStore, keyOf: (key: string) => string): Broken {
  return {
    read: (key, signal) => good.read(keyOf(key), signal),
    write: (key, envelope, options) => good.write(keyOf(key), envelope, options),
    remove: (key, options) => good.remove(keyOf(key), options),
    watch: (key, onChange, signal) => good.watch(keyOf(key), onChange, signal),
  };
}

/** Writes by the revision that is there, whatever was expected. */
async function force(
  good: MemoryStore,
  key: string,
  envelope: Uint8Array,
  { signal }: WriteOptions,
): Promise<string> {
  const expected = (await good.read(key))?.revision ?? null;
  return await good.write(key, envelope, { expected, signal });
}

/** By the rule that is broken. */
export const FAULTY: readonly (readonly [rule: string, how: string, make: () => EnvelopeStore])[] =
  [
    [
      "ENVSTORE-1",
      "drops the last byte of long envelopes",
      broken((good) => ({
        write: (key, envelope, options) =>
          good.write(key, envelope.length > 4096 ? envelope.slice(0, -1) : envelope, options),
      })),
    ],
    [
      "ENVSTORE-1",
      "reads what was there a moment ago",
      broken((good) => {
        const before = new Map<string, Awaited<ReturnType<EnvelopeStore["read"]>>>();
        return {
          async read(key, signal) {
            const old = before.get(key);
            before.set(key, await good.read(key, signal));
            return old === undefined ? await good.read(key, signal) : old;
          },
        };
      }),
    ],
    [
      "ENVSTORE-1",
      "lends the bytes that it keeps",
      broken((good) => {
        const lent = new Map<string, Uint8Array<ArrayBuffer>>();
        return {
          async read(key, signal) {
            const found = await good.read(key, signal);
            if (found === null) return null;
            const id = `${key} ${found.revision}`;
            const envelope = lent.get(id) ?? found.envelope;
            lent.set(id, envelope);
            return { ...found, envelope };
          },
        };
      }),
    ],
    [
      "ENVSTORE-2",
      "writes whatever is expected",
      broken((good) => ({
        write: (key, envelope, options) => force(good, key, envelope, options),
      })),
    ],
    [
      "ENVSTORE-2",
      "creates over what is there",
      broken((good) => ({
        write: (key, envelope, options) =>
          options.expected === null
            ? force(good, key, envelope, options)
            : good.write(key, envelope, options),
      })),
    ],
    [
      "ENVSTORE-2",
      "removes by any revision",
      broken((good) => ({
        async remove(key, { signal }) {
          const expected = (await good.read(key, signal))?.revision;
          if (expected !== undefined) await good.remove(key, { expected, signal });
        },
      })),
    ],
    [
      "ENVSTORE-2",
      "removes what is not there without a word, as DELETE of SQL does",
      broken((good) => ({
        async remove(key, options) {
          if ((await good.read(key)) !== null || options.signal?.aborted === true) {
            await good.remove(key, options);
          }
        },
      })),
    ],
    [
      "ENVSTORE-6",
      "tells no capital from a small letter, as many databases do",
      broken((good) => withKeys(good, (key) => key.toLowerCase())),
    ],
    [
      "ENVSTORE-6",
      "takes keys for paths",
      broken((good) => withKeys(good, (key) => new URL(key, "file:///").pathname.slice(1))),
    ],
    [
      "ENVSTORE-6",
      "keeps 128 characters of a key",
      broken((good) => withKeys(good, (key) => key.slice(0, 128))),
    ],
    [
      "ENVSTORE-7",
      "watches one key, the last",
      broken((good) => {
        let last = new AbortController();
        return {
          async watch(key, onChange, signal) {
            if (signal.aborted) throw signal.reason;
            last.abort();
            last = new AbortController();
            const own = last;
            signal.addEventListener("abort", () => own.abort());
            await good.watch(key, onChange, own.signal);
          },
        };
      }),
    ],
    [
      "ENVSTORE-3",
      "counts revisions anew after a removal",
      broken(() => {
        const stores = new Map<string, MemoryStore>();
        const at = (key: string): MemoryStore => {
          const store = stores.get(key) ?? new MemoryStore();
          stores.set(key, store);
          return store;
        };
        return {
          read: (key, signal) => at(key).read(key, signal),
          write: (key, envelope, options) => at(key).write(key, envelope, options),
          async remove(key, options) {
            await at(key).remove(key, options);
            stores.delete(key);
          },
          watch: (key, onChange, signal) => at(key).watch(key, onChange, signal),
        };
      }),
    ],
    [
      "ENVSTORE-4",
      "throws errors of its own",
      broken((good) => ({
        async write(key, envelope, options) {
          try {
            return await good.write(key, envelope, options);
          } catch {
            throw new Error("not mine");
          }
        },
      })),
    ],
    [
      "ENVSTORE-4",
      "throws codes of others",
      broken((good) => ({
        async remove(key, options) {
          try {
            await good.remove(key, options);
          } catch {
            throw new LetheError("ERR_LETHE_CHANNEL", "not mine");
          }
        },
      })),
    ],
    ["ENVSTORE-5", "ignores the signal", broken((good) => ({ read: (key) => good.read(key) }))],
    [
      "ENVSTORE-5",
      "writes although it was aborted",
      broken((good) => ({
        async write(key, envelope, { expected, signal }) {
          const revision = await good.write(key, envelope, { expected });
          if (signal?.aborted === true) throw signal.reason;
          return revision;
        },
      })),
    ],
    [
      "ENVSTORE-6",
      "mixes up what is written at once",
      broken((good) => {
        let pending: Promise<unknown> = Promise.resolve();
        let latest: Uint8Array = new Uint8Array(1);
        return {
          async write(key, envelope, options) {
            latest = new Uint8Array(envelope);
            await pending;
            const written = good.write(key, latest, options);
            pending = written.catch(() => undefined);
            return await written;
          },
        };
      }),
    ],
    ["ENVSTORE-7", "announces nothing", broken(() => ({ watch: async () => undefined }))],
    [
      "ENVSTORE-7",
      "announces after the end",
      broken((good) => ({
        watch: (key, onChange) => good.watch(key, onChange, new AbortController().signal),
      })),
    ],
  ];
