import { wrongKind } from "../../core/arguments/argument_error.ts";
import { optional } from "../../core/arguments/own.ts";
import type { Clock } from "../../core/clock.ts";
import { inBackground } from "../../core/in_background.ts";
import { MemorySecrets } from "../../core/memory_secrets.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import type { Land, SecretRecord, SecretSource } from "../sources/mod.ts";
import { tell } from "./events.ts";
import { checkOptions, type RotatingOptions } from "./options.ts";
import { Rotation } from "./rotation.ts";
import type { WatchSecret } from "./watching.ts";

/**
 * A rotation of what a source has under a reference, which has not been read yet.
 *
 * @throws {TypeError | RangeError} for a wrong argument
 */
export function begin(
  clock: Clock,
  secrets: Secrets,
  source: SecretSource,
  reference: string,
  given: RotatingOptions | undefined,
): Rotation {
  if (!MemorySecrets.is(secrets)) {
    throw wrongKind(
      `Cannot rotate secret as secrets must come from openSecrets of this Lethe`,
      secrets,
    );
  }
  if (typeof source !== "object" || source === null || typeof source.read !== "function") {
    throw wrongKind(`Cannot rotate secret as source must be a SecretSource`, source);
  }
  if (typeof reference !== "string") {
    throw wrongKind(`Cannot rotate secret as reference must be a string`, reference);
  }
  const {
    onEvent,
    pollEvery = null,
    refreshBefore = null,
    watch,
    ...options
  } = checkOptions(given);
  return new Rotation({
    ...options,
    ...{ clock, pollEvery, refreshBefore },
    watch: watch === undefined ? ownWatch(source, reference) : watch || null,
    tell: (event) => {
      if (onEvent !== undefined) void Promise.resolve().then(() => tell(onEvent, event));
    },
    read: (signal, check, holds) =>
      keepingNone(secrets, (land) =>
        source.read(reference, {
          signal,
          holds,
          land(byteLength, fill) {
            if (signal.aborted) throw signal.reason;
            check();
            return land(byteLength, fill);
          },
        }),
      ),
  });
}

/** Destroys what a source landed and did not give, also when it failed: sources are written by others. */
async function keepingNone(
  secrets: MemorySecrets,
  read: (land: Land) => Promise<SecretRecord>,
): Promise<SecretRecord> {
  const landed = new Set<SecretBuffer>();
  try {
    const record = await read((byteLength, fill) => {
      const secret = secrets.land(byteLength, fill);
      landed.add(secret);
      return secret;
    });
    for (const secret of fieldsOf(record)) landed.delete(secret);
    return record;
  } finally {
    for (const secret of landed) {
      inBackground(
        () => secret.destroy(),
        () => null,
      );
    }
  }
}

/** None of what is not a record: it is refused where it would be kept. */
function fieldsOf(record: SecretRecord): readonly SecretBuffer[] {
  try {
    return [...record.fields.values()];
  } catch {
    return [];
  }
}

function ownWatch(source: SecretSource, reference: string): WatchSecret | null {
  const watch = optional(source, "watch");
  return watch === undefined
    ? null
    : (onChange, signal) => Reflect.apply(watch, source, [reference, onChange, signal]);
}
