import { LetheError, type SecretBuffer, type Secrets } from "../../core/mod.ts";
import { type FaultySubject, faultyLibrary } from "./faulty_subject.ts";
import { lateRelease } from "./layers.ts";

/** Libraries whose secrets live too long, too short, or in states that there are not. */
export const LIFETIMES: readonly FaultySubject[] = [
  faultyLibrary("L1", "life after destroy", "a destroyed secret can be cloned, into one of zeros", {
    secret: (inner, secrets) => ({
      clone: () =>
        inner.state === "destroyed" ? secrets.allocate(inner.byteLength) : inner.clone(),
    }),
  }),
  faultyLibrary("L2", "results lost", "the result of an async scope is lost on the way", {
    secret: (inner) => ({ expose: (use) => forgettingResult(inner.expose(use)) }),
  }),
  faultyLibrary("L3", "a view for each", "each scope makes a view of its own", {
    secret: (inner) => ({
      expose: (use) =>
        inner.expose((bytes) =>
          use(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
        ),
    }),
  }),
  faultyLibrary("L4", "cloned while written", "a clone inside `modify` is not refused", {
    secret: (inner, secrets) => ({
      clone: () =>
        inner.state === "modifying" ? secrets.allocate(inner.byteLength) : inner.clone(),
    }),
  }),
  faultyLibrary("L5", "frozen copies", "the clone of a frozen secret is frozen", {
    secret: (inner) => ({ clone: () => (inner.frozen ? inner.clone().freeze() : inner.clone()) }),
  }),
  faultyLibrary("L6", "no freeze while read", "`freeze` is refused while a scope reads", {
    secret: (inner) => ({
      freeze() {
        if (inner.state === "exposed") throw new LetheError("ERR_LETHE_BUSY", "Cannot freeze");
        return inner.freeze();
      },
    }),
  }),
  faultyLibrary("L7", "kept after its scope", "what is destroyed in a scope is never released", {
    options: lateRelease,
  }),
  faultyLibrary("L8", "purged but for the frozen", "`purge` leaves frozen secrets alive", {
    secrets: sparingTheFrozen,
  }),
  faultyLibrary("L9", "nothing to dispose", "Symbol.dispose of a secret does nothing", {
    secret: () => ({ [Symbol.dispose]: () => undefined }),
  }),
  purgingAll(),
];

function forgettingResult<T>(result: T): T {
  return (result instanceof Promise ? result.then(() => undefined) : result) as T;
}

/** `purge` has a list of its own, which forgets whom it freezes. */
function sparingTheFrozen(inner: Secrets): Partial<Secrets> {
  const made: WeakRef<SecretBuffer>[] = [];
  const listed = (secret: SecretBuffer): SecretBuffer => {
    made.push(new WeakRef(secret));
    return secret;
  };
  return {
    allocate: (byteLength) => listed(inner.allocate(byteLength)),
    random: (byteLength) => listed(inner.random(byteLength)),
    move: (source) => listed(inner.move(source)),
    purge: () => {
      for (const reference of made.splice(0)) {
        const secret = reference.deref();
        if (secret?.frozen === false) secret.destroy();
      }
    },
  };
}

function purgingAll(): FaultySubject {
  const all: Secrets[] = [];
  return faultyLibrary("L10", "one list for all", "all Secrets share one list, and one `purge`", {
    secrets(inner) {
      all.push(inner);
      return {
        purge: () => {
          for (const each of all) each.purge();
        },
      };
    },
  });
}
