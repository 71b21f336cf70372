import { offHeapBytes, type SecretBuffer, wipeBytes } from "../../core/mod.ts";
import { type FaultySubject, faultyLibrary } from "./faulty_subject.ts";
import { detachedFirst, lateClosing } from "./layers.ts";
import { FaultySecret } from "./secret.ts";

/** Libraries that lend bytes, and take them back, in a way of their own. */
export const SCOPES: readonly FaultySubject[] = [
  faultyLibrary("B1", "a buffer", "a secret has a `buffer`, which is there while it is lent", {
    wrap: (inner, own, wrap) => new WithBuffer(inner, own, wrap),
  }),
  faultyLibrary("B2", "works on a copy", "`modify` lends a copy, which is wiped but not detached", {
    secret: (inner) => ({ modify: (use) => inner.modify((bytes) => onCopy(bytes, use)) }),
  }),
  faultyLibrary("B3", "closed later", "pages are closed a microtask after the scope", {
    options: lateClosing,
  }),
  faultyLibrary("B4", "detached first", "`destroy` takes the views away before it wipes", {
    options: detachedFirst,
  }),
  faultyLibrary("B5", "second write lost", "what a second `modify` wrote is lost", {
    secret: (inner) => {
      let writes = 0;
      return {
        modify: (use) => inner.modify((bytes) => (writes++ === 0 ? use(bytes) : undo(bytes, use))),
      };
    },
  }),
  faultyLibrary(
    "B6",
    "takes anything",
    "a scope without a function does nothing, and says nothing",
    {
      secret: (inner) => ({
        expose: (use) => (typeof use === "function" ? inner.expose(use) : (undefined as never)),
      }),
    },
  ),
  faultyLibrary("B7", "compared in part", "`equals` leaves out the last byte", {
    secret: (inner) => ({
      equals(other) {
        const same = inner.equals(other); // also refuses what it must
        if (same || other instanceof Uint8Array) return same;
        if (other["~secret"].byteLength !== inner.byteLength) return same;
        return (
          inner.byteLength > 1 &&
          inner.slice(0, -1 + inner.byteLength).equals(allButLast(other as SecretBuffer))
        );
      },
    }),
  }),
  faultyLibrary("B8", "clones die along", "a clone ends with its original", {
    secret(inner) {
      const clones: SecretBuffer[] = [];
      return {
        clone() {
          const clone = inner.clone();
          clones.push(clone);
          return clone;
        },
        destroy() {
          inner.destroy();
          for (const clone of clones.splice(0)) clone.destroy();
        },
      };
    },
  }),
  faultyLibrary("B9", "empty slices", "an empty slice is one byte long", {
    secret: (inner) => ({
      slice: (start = 0, end = inner.byteLength) =>
        inner.slice(start, start === end ? start + 1 : end),
    }),
  }),
];

class WithBuffer extends FaultySecret {
  get buffer(): null {
    return null;
  }
}

function onCopy<T>(bytes: Uint8Array, use: (bytes: Uint8Array<ArrayBuffer>) => T): T {
  const copy = offHeapBytes(bytes.length);
  copy.set(bytes);
  const takeBack = (): void => {
    if (bytes.length === copy.length) bytes.set(copy); // it may have been destroyed meanwhile
    wipeBytes(copy);
  };
  let pending = false;
  try {
    const result = use(copy);
    pending = result instanceof Promise;
    return pending ? ((result as Promise<unknown>).finally(takeBack) as T) : result;
  } finally {
    if (!pending) takeBack();
  }
}

function undo<T>(bytes: Uint8Array<ArrayBuffer>, use: (bytes: Uint8Array<ArrayBuffer>) => T): T {
  const before = offHeapBytes(bytes.length);
  before.set(bytes);
  try {
    return use(bytes);
  } finally {
    if (bytes.length === before.length) bytes.set(before);
    wipeBytes(before); // also where `use` threw: a copy that is left is another fault
  }
}

function allButLast(secret: SecretBuffer): SecretBuffer {
  return secret.slice(0, secret.byteLength - 1);
}
