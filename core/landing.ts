import { wrongKind, wrongType } from "./arguments/argument_error.ts";
import { kindOf } from "./arguments/kind_of.ts";
import { isThenable } from "./arguments/thenable.ts";
import { lendingOf } from "./standard/lender.ts";

/** What writes the bytes of a secret in place. */
export type Fill = (page: Uint8Array<ArrayBuffer>) => void;

/**
 * `fill` without a result: that could be a promise, and keep the page open.
 *
 * @throws {TypeError} for anything but a function; when called, for one that is async
 */
export function withoutPromise(fill: unknown): Fill {
  if (typeof fill !== "function") {
    throw wrongKind(`Cannot land secret as fill must be a function`, fill);
  }
  return (page) => {
    if (!isThenable(fill(page))) return;
    throw wrongType(
      "Cannot land secret as fill must not be async: it returned a promise, and the page is open for the call alone; await first, and land what came",
    );
  };
}

/** @throws {TypeError} for a secret, whose bytes cannot be moved away */
export function refuseLender(source: unknown): void {
  if (lendingOf(source) === null) return;
  throw wrongType(
    `Cannot move secret as source must be a Uint8Array, which is wiped: current value is ${kindOf(source)}, whose bytes only its owner can wipe; take a copy in with secrets.adopt()`,
  );
}
