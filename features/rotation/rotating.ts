import { wrongKind } from "../../core/arguments/argument_error.ts";
import { isThenable } from "../../core/arguments/thenable.ts";
import type { Clock } from "../../core/clock.ts";
import { disposable } from "../../core/dispose.ts";
import { whenCollected } from "../../core/globals.ts";
import type { LetheError } from "../../core/mod.ts";
import { redact } from "../../core/redact.ts";
import { begin } from "./begin.ts";
import { type LentRecord, LentView } from "./lent_record.ts";
import type { RotationPhase } from "./phases.ts";
import type { Rotate, RotatingSecret } from "./rotating_secret.ts";
import type { Rotation } from "./rotation.ts";
import { closedError, expiredError, purgedError } from "./rotation_errors.ts";

/** Of a {@link RotatingSecret} that the program dropped, where the runtime notices. Made for the first. */
let registry: FinalizationRegistry<Rotation> | null = null;

/** {@link Rotate} by other clocks, for tests. */
export function rotatingBy(clock: Clock): Rotate {
  return async (secrets, source, reference, options) => {
    const rotation = begin(clock, secrets, source, reference, options);
    try {
      await rotation.refresh();
    } catch (error) {
      rotation.close();
      throw error;
    }
    const secret = new Rotating(rotation, source.name);
    registry ??= whenCollected((dropped) => dropped.close());
    registry?.register(secret, rotation, secret);
    return secret;
  };
}

class Rotating implements RotatingSecret {
  readonly #rotation: Rotation;
  readonly #source: string;

  constructor(rotation: Rotation, source: string) {
    this.#rotation = rotation;
    this.#source = source;
  }

  get version(): string | null {
    this.#rotation.look();
    return this.#rotation.version;
  }

  get state(): RotationPhase {
    this.#rotation.look();
    return this.#rotation.phase;
  }

  use<T>(use: (current: LentRecord, previous: LentRecord | undefined) => T): T {
    if (typeof use !== "function") {
      throw wrongKind(`Cannot use rotating secret as use must be a function`, use);
    }
    const opened = this.#rotation.open();
    if (opened === null) throw this.#refusal();
    let pending = false;
    try {
      const { current, previous } = opened;
      const result = use(
        new LentView(current),
        previous === null ? undefined : new LentView(previous),
      );
      pending = isThenable(result);
      return pending ? (untilSettled(result, opened.end) as T) : result;
    } finally {
      if (!pending) opened.end();
    }
  }

  async refresh(): Promise<string> {
    if (this.#rotation.phase === "closed") throw closedError();
    return await this.#rotation.refresh();
  }

  close(): void {
    this.#rotation.close();
    registry?.unregister(this);
  }

  declare readonly [Symbol.dispose]: () => void;

  #refusal(): LetheError {
    const { phase, lastCode } = this.#rotation;
    if (phase === "closed") return closedError();
    if (phase === "purged") return purgedError();
    return expiredError(this.#source, lastCode);
  }
}

/** The caller's continuation runs after the scope has ended. */
async function untilSettled(pending: unknown, end: () => void): Promise<unknown> {
  try {
    return await pending;
  } finally {
    end();
  }
}

disposable(Rotating, (secret) => secret.close());
redact(Rotating, (secret) => `RotatingSecret(${secret.state}, redacted)`);
