import type { Clock } from "../../core/clock.ts";
import type { SecretRecord } from "../sources/mod.ts";
import type { RotationEvent } from "./events.ts";
import { KeptRecord } from "./kept_record.ts";
import { nextPhase, type RotationInput, type RotationPhase, type RotationStep } from "./phases.ts";
import { closedError, expiredOnArrival, purgedError } from "./rotation_errors.ts";
import { remaining, type Term, type Timing, termOf } from "./term.ts";

/** How long records are kept. All times in milliseconds. */
export interface ServingParts extends Timing {
  readonly overlap: number;
  readonly tell: (event: RotationEvent) => void;
  readonly clock: Clock;
}

/** The records that a scope is given, and what ends it. */
export interface Opened {
  readonly current: KeptRecord;
  readonly previous: KeptRecord | null;
  readonly end: () => void;
}

/** The record that serves and the one before it, as the table of phases has it. */
export class Serving {
  readonly #parts: ServingParts;
  #phase: RotationPhase = "expired"; // nothing serves yet
  #current: KeptRecord | null = null;
  #previous: KeptRecord | null = null;
  /** By the monotonic clock. */
  #overlapEnds = Infinity;

  constructor(parts: ServingParts) {
    this.#parts = parts;
  }

  get phase(): RotationPhase {
    return this.#phase;
  }

  /** The version that serves; null where none does. */
  get version(): string | null {
    return this.#current?.version ?? null;
  }

  /** Of the record that serves; null: it does not expire, or there is none. */
  get term(): Term | null {
    return this.#current?.term ?? null;
  }

  /** Opens a scope over what serves; null where nothing does. */
  open(): Opened | null {
    const [current, previous] = [this.#current, this.#previous];
    if (current === null) return null;
    const [first, second] = [current.hold(), previous?.hold()];
    const end = (): void => {
      first();
      second?.();
    };
    return { current, previous, end };
  }

  /** What is over by either clock, or was destroyed by others, serves no longer. */
  retireWhatIsOver(): void {
    const { clock, tell } = this.#parts;
    const [current, previous] = [this.#current, this.#previous];
    if (current?.isBroken === true) {
      this.#take("purge");
      tell({ kind: "purged", version: current.version });
    } else if (current !== null && remaining(current.term, clock) <= 0) {
      this.#take("expires");
      tell({ kind: "expired", version: current.version });
    } else if (
      previous !== null &&
      (clock.monotonic() >= this.#overlapEnds ||
        previous.isBroken ||
        remaining(previous.term, clock) <= 0)
    ) {
      this.#take("overlap-ends");
    }
  }

  /** When the next record will be over, by the monotonic clock. */
  nextEnd(now: number): number {
    const { clock } = this.#parts;
    return Math.min(
      now + remaining(this.term, clock),
      this.#previous === null ? Infinity : this.#overlapEnds,
      now + remaining(this.#previous?.term ?? null, clock),
    );
  }

  /**
   * Lets a record serve, or renew the one that does.
   *
   * @param began the phase when the read began
   * @throws {LetheError} when it cannot serve; the record is destroyed then
   */
  arrive(record: SecretRecord, began: RotationPhase): void {
    const { clock, tell } = this.#parts;
    const arrived = new KeptRecord(record);
    arrived.term = arrived.end === null ? null : termOf(arrived.end, clock, this.#parts);
    try {
      this.checkUseful(began);
      if (remaining(arrived.term, clock) <= 0) throw expiredOnArrival(arrived.version);
    } catch (error) {
      arrived.retire();
      throw error;
    }
    const same = this.#current?.equals(arrived) === true;
    const before = this.version;
    this.#take(same ? "same" : "other", arrived);
    if (same) tell({ kind: "renewed", version: arrived.version });
    else tell({ kind: "rotated", version: arrived.version, previous: before });
  }

  /**
   * A purge is not undone by a read that was under way, and nothing is read for a rotation that is closed.
   *
   * @param began the phase when the read began
   * @throws {LetheError} `ERR_LETHE_DESTROYED`
   */
  checkUseful(began: RotationPhase): void {
    this.retireWhatIsOver();
    if (this.#phase === "closed") throw closedError();
    if (this.#phase === "purged" && began !== "purged") throw purgedError();
  }

  close(): void {
    this.#take("close");
  }

  #take(input: RotationInput, arrived: KeptRecord | null = null): void {
    const { phase, steps } = nextPhase(this.#phase, input);
    this.#phase = phase;
    for (const step of steps) this.#do(step, arrived);
  }

  #do(step: RotationStep, arrived: KeptRecord | null): void {
    switch (step) {
      case "retire-previous":
        this.#retire(this.#previous);
        this.#previous = null;
        break;
      case "retire-current":
        this.#retire(this.#current);
        this.#current = null;
        break;
      case "demote":
        this.#previous = this.#current;
        this.#overlapEnds = this.#parts.clock.monotonic() + this.#parts.overlap;
        break;
      case "install":
        this.#current = arrived;
        break;
      case "extend":
        if (arrived !== null) this.#current?.renew(arrived);
        break;
      case "discard":
        arrived?.retire();
    }
  }

  #retire(record: KeptRecord | null): void {
    if (record === null) return;
    record.retire();
    this.#parts.tell({ kind: "retired", version: record.version });
  }
}
