import {
  type GuaranteeName,
  type Guarantees,
  guarantees,
  notGiven,
  type SecretBuffer,
  type SecretsOptions,
  unverified,
} from "../../core/mod.ts";
import { type FaultySubject, faultyLibrary } from "./faulty_subject.ts";
import { abortNow, print } from "./library.ts";

/** Libraries that promise what they do not keep, and whose secrets come to no good end. */
export const ENDS: readonly FaultySubject[] = [
  faultyLibrary("G1", "requires selectively", "`require` forgets one of the names", {
    options: (options) => without(options, "canary"),
  }),
  faultyLibrary("G2", "weaker secrets", "a secret's own table has less than what was required", {
    secret: (inner) => ({
      guarantees: guarantees({ ...inner.guarantees, "off-heap": notGiven("it depends") }),
    }),
  }),
  faultyLibrary("G4", "lenient options", "an unknown `onMisuse` is taken for the default", {
    options: ({ onMisuse, ...options }) =>
      onMisuse === "crash" ? { ...options, onMisuse } : options,
  }),
  faultyLibrary("G12", "wiped in the table", "`wiped-on-exit` is claimed, and nobody wipes", {
    options: (options) => without(options, "wiped-on-exit"),
    secret: (inner) => ({ guarantees: claimingExit(inner.guarantees) }),
    secrets: (inner) => ({ guarantees: claimingExit(inner.guarantees) }),
  }),
  faultyLibrary("X1", "silent abort", "the process is aborted without a line that says why", {
    say: () => undefined,
  }),
  faultyLibrary("X2", "aborts at once", "the process is aborted before its secrets are wiped", {
    options: ({ onMisuse, ...options }) =>
      onMisuse === "crash" ? options : { ...options, onMisuse: onMisuse ?? "throw" },
    secret: (inner, _, { onMisuse }) => (onMisuse === "crash" ? abortingAtOnce(inner) : {}),
  }),
  listed(),
];

function without(options: SecretsOptions, forgotten: GuaranteeName): SecretsOptions {
  const { require } = options;
  if (!Array.isArray(require)) return options;
  return { ...options, require: require.filter((name) => name !== forgotten) };
}

function claimingExit(table: Guarantees): Guarantees {
  return guarantees({
    ...table,
    "wiped-on-exit": unverified("enforced", "by a handler, some day"),
  });
}

function abortingAtOnce(inner: SecretBuffer): Partial<SecretBuffer> {
  const aborting = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      print(String((error as { code?: string }).code));
      return abortNow();
    }
  };
  return {
    expose: (use) => aborting(() => inner.expose(use)),
    modify: (use) => aborting(() => inner.modify(use)),
  };
}

/** Whom the program forgets, this list remembers, so that no finalizer ever comes. */
function listed(): FaultySubject {
  const live = new Set<SecretBuffer>();
  return faultyLibrary("F4", "a list of the living", "live secrets are held by a list, strongly", {
    secret(inner) {
      live.add(inner);
      return {
        destroy() {
          live.delete(inner);
          inner.destroy();
        },
      };
    },
  });
}
