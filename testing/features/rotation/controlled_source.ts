import type { SignalLike } from "../../../core/arguments/foreign.ts";
import { LetheError, type SecretBuffer } from "../../../core/mod.ts";
import {
  makeRecord,
  type ReadContext,
  type SecretRecord,
  type SecretSource,
} from "../../../features/sources/mod.ts";

/** A read that waits for the test. */
export interface PendingRead {
  readonly begun: number;
  /** The version that it answers with, and until when that can be used. */
  readonly stored: number;
  readonly end: number | null;
  readonly signal: SignalLike | undefined;
  /** The bytes reach secret memory, ahead of the answer. */
  land(): void;
  /** How many secrets it has landed. */
  readonly landed: number;
  /** Answers with what was there when the read began. */
  answer(): void;
  fail(): void;
}

/** A source whose store and whose answers a test controls. */
export class ControlledSource implements SecretSource {
  readonly name = "controlled";
  readonly residue: readonly string[] = [];
  readonly pending: PendingRead[] = [];
  /** Versions in the order in which the store had them. */
  stored = 1;
  /** Milliseconds since 1970; null: does not expire. */
  end: number | null = null;
  /** What versions are called, before their number. */
  names = "";
  /** Whether it can see changes. */
  sees = true;
  reads = 0;
  /** The number of the read that was answered last, and the version that it gave. */
  lastAnswered = 0;
  lastStored = 0;
  onChange: ((ended?: LetheError) => void) | null = null;
  /** When it began to be read, by the test's clock. */
  readonly begins: number[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  read(_reference: string, { land, signal }: ReadContext): Promise<SecretRecord> {
    this.reads++;
    this.begins.push(this.#now());
    const [stored, end, begun] = [this.stored, this.end, this.reads];
    return new Promise((resolve, reject) => {
      const remove = (): void => void this.pending.splice(this.pending.indexOf(read), 1);
      let fields: [string, SecretBuffer][] = [];
      const landAll = (): void => {
        if (fields.length > 0) return;
        fields = ["user", "value"].map((name) => [name, land(8, (page) => void page.fill(stored))]);
      };
      const read: PendingRead = {
        ...{ begun, stored, end, signal },
        land: () => {
          try {
            landAll();
          } catch {
            // It is over; its answer says so.
          }
        },
        get landed() {
          return fields.length;
        },
        answer: () => {
          remove();
          this.lastAnswered = begun;
          this.lastStored = stored;
          try {
            landAll();
            const expiresAt = end === null ? undefined : new Date(end);
            resolve(makeRecord({ version: `${this.names}${stored}`, fields, expiresAt }));
          } catch (error) {
            reject(error);
          }
        },
        fail: () => {
          remove();
          for (const [, secret] of fields) secret.destroy();
          reject(new LetheError("ERR_LETHE_SOURCE_FAILED", "as the test wants it"));
        },
      };
      this.pending.push(read);
    });
  }

  async watch(
    _reference: string,
    onChange: (ended?: LetheError) => void,
    signal: SignalLike,
  ): Promise<void> {
    if (!this.sees) throw new LetheError("ERR_LETHE_SOURCE_DENIED", "as the test wants it");
    this.onChange = onChange;
    signal.addEventListener("abort", () => {
      if (this.onChange === onChange) this.onChange = null;
    });
  }
}
