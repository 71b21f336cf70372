import { bare } from "./own.ts";

/**
 * What objects of Lethe carry on their prototype, so that a copy of Lethe knows those of another one:
 * two versions in node_modules, or one in two bundles. A registered symbol is the same in all copies and
 * realms. It says what something is and opens nothing: each copy trusts its own private brands alone.
 */
const MARK: symbol = Symbol.for("lethe:object");

interface Mark {
  readonly version: 1;
  readonly kind: Kind;
  readonly copy: object;
}

type Kind = "SecretBuffer" | "Enclave" | "Enclaves" | "Secrets";
const KINDS: readonly Kind[] = ["SecretBuffer", "Enclave", "Enclaves", "Secrets"];

/** This copy. */
const COPY: object = Object.freeze({});

/** Lets other copies of Lethe say what an instance of `type` is. */
export function markKind(type: { readonly prototype: object }, kind: Kind): void {
  const mark: Mark = Object.freeze({ version: 1, kind, copy: COPY });
  Object.defineProperty(type.prototype, MARK, bare({ value: mark }));
}

/** Names the kind of a wrong argument without quoting it: it may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "undefined";
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  const mark = markOf(value);
  if (mark === null) return "an object";
  const named = `${mark.kind === "Enclave" ? "an" : "a"} ${mark.kind}`;
  return mark.copy === COPY
    ? named
    : `${named} of another copy of Lethe: two are loaded, which npm ls lethe shows; make them one with npm dedupe`;
}

/** Whether `value` was made by another copy of Lethe. */
export function isOfAnotherCopy(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const mark = markOf(value);
  return mark !== null && mark.copy !== COPY;
}

function markOf(value: object): Mark | null {
  try {
    const mark = (value as Readonly<Record<symbol, Partial<Mark> | undefined>>)[MARK];
    const kind = KINDS.find((known) => known === mark?.kind);
    if (kind === undefined || mark?.version !== 1 || mark.copy === undefined) return null;
    return { version: 1, kind, copy: mark.copy };
  } catch {
    return null; // a proxy that refuses
  }
}
