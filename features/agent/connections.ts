import type { SecretBuffer, Secrets } from "../../core/mod.ts";

/** Bytes of secret memory in which those of one connection come to rest. */
export const LANDING_BYTES = 512;

/** A connection's place among those that an agent has. */
export interface Place {
  /** Secret memory that no other connection uses. */
  readonly landing: Uint8Array<ArrayBuffer>;
  /** A request is under way: the place is kept. */
  busy(): void;
  /** None is: the place may go to another connection. */
  idle(): void;
  /** Gives it back. Idempotent. */
  leave(): void;
}

/** The places of all connections, in secret memory that is writable as long as the agent runs. */
export class Connections {
  readonly #secret: SecretBuffer;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  /** How to end the idle ones; the one that has been idle for longest first. */
  readonly #idle = new Set<() => void>();
  readonly #scope: Promise<void>;
  #close: () => void = () => undefined;

  constructor(secrets: Secrets, most: number) {
    this.#secret = secrets.allocate(most * LANDING_BYTES);
    this.#scope = this.#secret.modify(({ buffer, byteOffset }) => {
      for (let index = 0; index < most; index++) {
        this.#free.push(new Uint8Array(buffer, byteOffset + index * LANDING_BYTES, LANDING_BYTES));
      }
      return new Promise<void>((resolve) => {
        this.#close = resolve;
      });
    });
  }

  /** Whether its memory was destroyed with all secrets: no place has room for a byte then. */
  get isGone(): boolean {
    return this.#secret.state === "destroyed";
  }

  /**
   * A place for one more connection: the one that has been idle for longest ends where there is none.
   *
   * @param end ends that connection, which leaves then
   * @returns null where each has a request under way, and where there is no memory for any
   */
  take(end: () => void): Place | null {
    if (this.isGone) return null;
    if (this.#free.length === 0) this.#idle.values().next().value?.();
    const landing = this.#free.pop();
    if (landing === undefined) return null;
    let isTaken = true;
    this.#idle.add(end);
    return {
      landing,
      busy: () => void this.#idle.delete(end),
      idle: () => void this.#idle.add(end),
      leave: () => {
        this.#idle.delete(end);
        if (isTaken) this.#free.push(landing);
        isTaken = false;
      },
    };
  }

  /** When no connection reads any more. */
  async destroy(): Promise<void> {
    this.#close();
    await this.#scope;
    this.#secret.destroy();
  }
}
