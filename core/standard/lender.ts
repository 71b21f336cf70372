import { checkBytes, isBytes, lengthOf } from "../arguments/check_bytes.ts";
import { optional } from "../arguments/own.ts";
import { isThenable } from "../arguments/thenable.ts";
import { LetheError } from "../contract/errors.ts";
import type { StandardSecretV1, StandardSecretV1Lending } from "./standard.ts";

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
    const lending = optional(value as Partial<StandardSecretV1>, "~secret");
    if (typeof lending !== "object" || lending === null) return null;
    const version = optional(lending, "version");
    const vendor = optional(lending, "vendor");
    const byteLength = optional(lending, "byteLength");
    const expose = optional(lending, "expose");
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
  let state = "waiting" as "waiting" | "lent" | "over";
  let ending = "none" as "none" | "returned" | "threw"; // of `use`
  let outcome: unknown;
  let fault = "";
  // What the lender calls. It learns nothing of what came of it but that it failed.
  const take = (bytes: unknown): void => {
    const before = state;
    if (state === "waiting") state = "lent";
    if (before === "lent") fault = TWICE;
    else if (before === "waiting") {
      reserveStack(RESERVED_FRAMES);
      if (!isBytes(bytes) || lengthOf(bytes) !== lending.byteLength) fault = OTHER;
      else {
        try {
          outcome = use(bytes as Uint8Array<ArrayBuffer>);
          ending = "returned";
          return;
        } catch (error) {
          outcome = error;
          ending = "threw";
        }
      }
    }
    throw new Error("cannot take bytes");
  };
  try {
    const returned = lending.expose(take);
    state = "over"; // what it returned may have getters, which are code of the lender
    if (isPending(returned)) fault ||= "returned a promise";
  } catch {
    fault ||= THREW;
  }
  state = "over";
  if (ending === "threw") throw outcome;
  if (ending === "returned" && fault === "") return outcome as T;
  throw new LetheError(
    "ERR_LETHE_LENDER",
    `Cannot ${verb}: the secret of ${nameOf(lending.vendor)} ${fault || "lent nothing"}; see checkLender of lethe/standard`,
  );
}

/**
 * Throws where little of the stack is left. A lender may call from any depth, and a copy that was begun there
 * could neither be finished nor ended.
 */
function reserveStack(frames: number): number {
  return frames === 0 ? 0 : 1 + reserveStack(frames - 1);
}

/** Several times what a copy takes, which is some 20 calls. */
const RESERVED_FRAMES = 200;

/** Whether `expose` returned a promise: it may only return what `use` did, and that is nothing. */
function isPending(returned: unknown): boolean {
  try {
    if (!isThenable(returned)) return false;
    void settle(returned);
  } catch {
    // a `then` that throws
  }
  return true;
}

/** Its rejection is part of the error that follows. */
async function settle(pending: unknown): Promise<void> {
  try {
    await pending;
  } catch {
    // See above.
  }
}

const THREW = "threw; it may have been destroyed";
const TWICE = "lent its bytes twice";
const OTHER = "lent something other than a Uint8Array of its byteLength";

/** A name as it may be shown: what is not a name at all could be anything. */
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
  let made = null as S | null;
  try {
    return withInput(input, verb, parameter, (bytes) => {
      made = make(bytes);
      return made;
    });
  } catch (error) {
    made?.destroy();
    throw error;
  }
}

const NOTHING = new Uint8Array(0);
