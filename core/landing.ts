import { wrongKind, wrongType } from "./arguments/argument_error.ts";
import { kindOf } from "./arguments/kind_of.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import { lendingOf } from "./standard/lender.ts";

/** What writes the bytes of a secret in place. */
export type Fill = (page: Uint8Array<ArrayBuffer>) => void;

/** @throws {TypeError} for anything but a function */
export function checkFill(fill: unknown): asserts fill is Fill {
  if (typeof fill !== "function") {
    throw wrongKind(`Cannot land secret as fill must be a function`, fill);
  }
}

/**
 * Ends a secret whose `fill` gave a promise. It is wiped and its page detached at once, and given back when the promise has
 * settled: until then a native call of `fill` may still write there, and would write into the secret of another.
 *
 * @param pending what the scope of `fill` gave; where it never settles, the page is never used again
 * @throws {TypeError} always; {LetheError} `ERR_LETHE_WIPE` where the page cannot be wiped
 */
export function refuseAsync(secret: SecretBuffer, pending: unknown): never {
  void settled(pending); // first: destroy throws where the buffer was transferred, as a read into it does
  secret.destroy();
  throw wrongType(
    "Cannot land secret as fill must not be async: it returned a promise, and the page is open for the call alone; await first, and land what came",
  );
}

/** Nobody waits for it, and its error is that of a call that was refused. */
async function settled(pending: unknown): Promise<void> {
  try {
    await pending;
  } catch {
    // It was told that it may not be async.
  }
}

/** @throws {TypeError} for a secret, whose bytes cannot be moved away */
export function refuseLender(source: unknown): void {
  if (lendingOf(source) === null) return;
  throw wrongType(
    `Cannot move secret as source must be a Uint8Array, which is wiped: current value is ${kindOf(source)}, whose bytes only its owner can wipe; take a copy in with secrets.adopt()`,
  );
}
