import { checkBytes, isBytes, lengthOf } from "../arguments/check_bytes.ts";
import { isThenable } from "../arguments/thenable.ts";
import { LetheError } from "../contract/errors.ts";
import type { StandardSecretV1Lending } from "./standard.ts";

/** What a lender says of itself, as it was read. */
export interface Lending extends StandardSecretV1Lending {
  readonly isOwn: boolean;
}

/**
 * What `value["~secret"]` holds, each part read once; null for everything that follows no such contract.
 * What somebody put at the root of every prototype chain makes no lender of an object.
 */
export function lendingOf(value: unknown): Lending | null {
  if (typeof value !== "object" || value === null || isBytes(value)) return null;
  try {
    const lending = read(value, "~secret");
    if (typeof lending !== "object" || lending === null) return null;
    const [version, vendor, byteLength, expose] = PARTS.map((name) => read(lending, name));
    if (version !== 1 || typeof vendor !== "string" || typeof expose !== "function") return null;
    if (typeof byteLength !== "number" || !Number.isInteger(byteLength) || byteLength < 0)
      return null;
    return {
      version,
      vendor,
      byteLength,
      isOwn: OWN.has(lending),
      expose: (use) => Reflect.apply(expose, lending, [use]),
    };
  } catch {
    return null; // a proxy or a getter that refuses
  }
}

/** Those of this copy's secrets, which need no supervision. */
const OWN = new WeakSet<object>();

/** Notes that a secret of this copy lends its bytes by `lending`. */
export function noteOwn(lending: StandardSecretV1Lending): StandardSecretV1Lending {
  OWN.add(lending);
  return Object.freeze(lending);
}

const PARTS = ["version", "vendor", "byteLength", "expose"] as const;

/** An own property, or one of a class, but for what lies at the root. A chain that has no end has none. */
function read(object: object, name: string): unknown {
  for (let at = object, depth = 0; depth < DEEPEST; depth++) {
    const above: object | null = Object.getPrototypeOf(at);
    if (Object.hasOwn(at, name)) {
      if (above === null && at !== object) return undefined;
      return (object as Readonly<Record<string, unknown>>)[name];
    }
    if (above === null) return undefined;
    at = above;
  }
  return undefined;
}

const DEEPEST = 100;

/**
 * Lends what a lender lends to `use`, once, and holds the lender to its contract. Nothing that `use` returns
 * or throws passes through it.
 *
 * @param verb what cannot be done otherwise, for the message: `adopt secret`
 * @throws {LetheError} `ERR_LETHE_LENDER` when it breaks the contract, whose message quotes nothing that it
 * threw
 */
export function borrow<T>(
  lending: Lending,
  verb: string,
  use: (bytes: Uint8Array<ArrayBuffer>) => T,
): T {
  if (lending.isOwn) return lending.expose(use);
  const loan = new Loan(lending.byteLength, use);
  let returned: unknown;
  let hasThrown = false;
  try {
    returned = lending.expose((bytes) => loan.take(bytes));
  } catch {
    hasThrown = true;
  }
  const outcome = loan.end();
  if (outcome !== null && "error" in outcome) throw outcome.error;
  const fault = loan.fault ?? (hasThrown ? THREW : faultOf(returned));
  if (fault === null && outcome !== null) return outcome.value;
  throw new LetheError(
    "ERR_LETHE_LENDER",
    `Cannot ${verb}: the secret of ${nameOf(lending.vendor)} ${fault ?? NEVER}; see checkLender of lethe/standard`,
  );
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** One call of `use`. */
class Loan<T> {
  readonly #byteLength: number;
  readonly #use: (bytes: Uint8Array<ArrayBuffer>) => T;
  #outcome: Outcome<T> | null = null;
  #fault: string | null = null;
  #state: "waiting" | "lent" | "over" = "waiting";

  constructor(byteLength: number, use: (bytes: Uint8Array<ArrayBuffer>) => T) {
    this.#byteLength = byteLength;
    this.#use = use;
  }

  get fault(): string | null {
    return this.#fault;
  }

  /** What the lender calls. It learns nothing of what came of it but that it failed. */
  take(bytes: unknown): void {
    if (this.#state !== "waiting") {
      this.#fail(
        this.#state === "lent" ? "lent its bytes twice" : "lent its bytes after its scope",
      );
    }
    this.#state = "lent";
    if (!isBytes(bytes)) this.#fail("lent something other than a Uint8Array");
    if (lengthOf(bytes) !== this.#byteLength)
      this.#fail("lent another number of bytes than it says");
    try {
      this.#outcome = { value: this.#use(bytes as Uint8Array<ArrayBuffer>) };
    } catch (error) {
      this.#outcome = { error };
      throw new Error("the taker failed"); // its own error may say more than a lender should know
    }
  }

  end(): Outcome<T> | null {
    this.#state = "over";
    return this.#outcome;
  }

  #fail(fault: string): never {
    this.#fault ??= fault;
    throw new Error(`the lender ${fault}`);
  }
}

/** What is wrong with what `expose` returned: it may only be what `use` did, and that is nothing. */
function faultOf(returned: unknown): string | null {
  try {
    if (!isThenable(returned)) return null;
    Promise.resolve(returned).catch(() => undefined); // its rejection is part of this error
  } catch {
    // a `then` that throws
  }
  return "returned a promise";
}

const THREW = "threw before it lent its bytes, or after it; it may have been destroyed";
const NEVER = "returned and had lent nothing";

/** A name as it may be shown: what is no name at all could be anything. */
function nameOf(vendor: string): string {
  return /^[\w@./-]{1,60}$/.test(vendor) ? vendor : "an unnamed vendor";
}

/**
 * Lends bytes to `use`, whether they are plain or a lender's. Those of a lender may change under `use`: copy
 * them first where they are read more than once.
 *
 * @throws {TypeError | RangeError} for anything else, and for no bytes
 */
export function withInput<T>(
  input: unknown,
  verb: string,
  parameter: string,
  use: (bytes: Uint8Array<ArrayBuffer>) => T,
): T {
  const lending = lendingOf(input);
  if (lending !== null && lending.byteLength > 0) return borrow(lending, verb, use);
  checkBytes(lending === null ? input : NOTHING, verb, parameter);
  return use(input as Uint8Array<ArrayBuffer>);
}

/** As {@link withInput}, for a secret that `make` makes of the bytes: a lender that fails later leaves none. */
export function makeOf<S extends { destroy(): void }>(
  input: unknown,
  verb: string,
  parameter: string,
  make: (bytes: Uint8Array<ArrayBuffer>) => S,
): S {
  const made: S[] = [];
  try {
    return withInput(input, verb, parameter, (bytes) => {
      const secret = make(bytes);
      made[0] = secret;
      return secret;
    });
  } catch (error) {
    made[0]?.destroy();
    throw error;
  }
}

const NOTHING = new Uint8Array(0);
