import { wrongKind, wrongType } from "./arguments/argument_error.ts";
import { kindOf } from "./arguments/kind_of.ts";
import { isThenable } from "./arguments/thenable.ts";
import { closeTogether } from "./close_together.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import { HeldSecret, keepLent, regionOf } from "./held_secret.ts";
import type { ManagedRegion } from "./managed_region.ts";
import type { ReadonlyBytes } from "./readonly_bytes.ts";
import { lendingOf } from "./standard/lender.ts";
import { tryAll } from "./try_all.ts";

/** One view for each secret of a list, in its order. */
export type Views<S extends readonly SecretBuffer[]> = {
  readonly [K in keyof S]: ReadonlyBytes;
};

/**
 * Lends the bytes of several secrets for reading, for one scope. Like nested calls of
 * {@link SecretBuffer.expose}, and its rules hold for each of them, but faster: the secrets that lie
 * side by side on guarded pages are closed by one system call.
 *
 * The secrets may be of different {@link Secrets} and memories. One that is listed twice has the same
 * view twice. Either all are open when `use` is called, or none is and it is not called. With an async
 * `use` the scope stays open until its promise settles.
 *
 * @param secrets a list; it is read once
 * @throws {LetheError} `ERR_LETHE_DESTROYED`, `ERR_LETHE_BUSY` while a `modify` of one is open
 * @throws {TypeError} for anything but a list of secrets and a function
 *
 * @example
 * ```ts
 * import { createHmac } from "node:crypto";
 * import { exposeAll, openSecrets } from "lethe";
 *
 * const secrets = openSecrets();
 * const [key, message] = [secrets.random(32), secrets.random(100)];
 * exposeAll([key, message], ([keyBytes, messageBytes]) =>
 *   createHmac("sha256", keyBytes).update(messageBytes).digest(),
 * );
 * secrets.purge();
 * ```
 */
export function exposeAll<const S extends readonly SecretBuffer[], T>(
  secrets: S,
  use: (views: Views<S>) => T,
): T {
  const all = checkSecrets(secrets);
  if (typeof use !== "function") {
    throw wrongKind(`Cannot expose secrets as use must be a function`, use);
  }
  if (all.length === 1)
    return exposeOne(all[0] as HeldSecret, use as (views: readonly ReadonlyBytes[]) => T);
  // Lists are made by `map`: what somebody put at an index of `Array.prototype` could keep `push` from
  // adding to one, and a scope that is not in it would never close.
  const regions = all.map(regionOf);
  let entered = 0;
  let pending = false;
  try {
    const views = regions.map((region) => {
      const view = region.enter("expose");
      entered += 1;
      return view;
    });
    const result = use(views as unknown as Views<S>);
    pending = isThenable(result);
    return pending ? (untilSettled(result, all, [...views], regions) as T) : result;
  } finally {
    if (!pending) leaveAll(regions.slice(0, entered));
  }
}

/** For the commonest list: nothing is to be closed together. */
function exposeOne<T>(secret: HeldSecret, use: (views: readonly ReadonlyBytes[]) => T): T {
  const region = regionOf(secret);
  const view = region.enter("expose");
  let pending = false;
  try {
    const result = use([view]);
    pending = isThenable(result);
    return pending ? (untilSettled(result, [secret], [view], [region]) as T) : result;
  } finally {
    if (!pending) region.leave();
  }
}

/** Keeps the scopes open until `pending` settles; the caller's continuation runs after they closed. */
async function untilSettled(
  pending: unknown,
  secrets: readonly HeldSecret[],
  views: readonly Uint8Array<ArrayBuffer>[],
  entered: readonly ManagedRegion[],
): Promise<unknown> {
  try {
    for (const [index, secret] of secrets.entries()) {
      const bytes = views[index];
      if (bytes !== undefined) keepLent(bytes, secret);
    }
    return await pending;
  } finally {
    leaveAll(entered);
  }
}

/**
 * Ends one scope of each, a region that is listed twice having two; pages that close are closed
 * together where their memory can. All are tried; the first error is raised.
 */
function leaveAll(regions: readonly ManagedRegion[]): void {
  const last = regions.filter((region) => region.end());
  // A destroyed one is still written to: it is wiped once more before it closes.
  const closing = last.filter(({ state }) => state !== "destroyed");
  closeTogether(closing.map(({ placed }) => placed));
  tryAll(last.map((region) => () => region.finish()));
}

/** A copy of the list, so that what was checked is what is opened. @throws {TypeError} */
function checkSecrets(value: unknown): readonly HeldSecret[] {
  const secrets: readonly unknown[] | null = Array.isArray(value) ? [...value] : null;
  if (secrets?.every((secret) => HeldSecret.is(secret))) return secrets;
  const wrong = secrets?.find((secret) => !HeldSecret.is(secret));
  throw wrongType(
    `Cannot expose secrets as secrets must be an array of SecretBuffers: ${secrets === null ? "current value" : "one of them"} is ${kindOf(secrets === null ? value : wrong)}${lendingOf(wrong) === null ? "" : "; take in a copy, which secrets.adopt() makes"}`,
  );
}
