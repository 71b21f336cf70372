import { isThenable } from "../../../core/arguments/thenable.ts";
import { checkLive } from "../../../core/check_live.ts";
import { type SecretBuffer, type Secrets, wipeBytes } from "../../../core/mod.ts";
import type { Arrival } from "../protocol/session.ts";

/** Places that are kept for secrets to come. */
const MOST_KEPT = 16;

/**
 * Where secrets land that arrive for one call of the application.
 *
 * The secret is opened straight into a `SecretBuffer`, and wiped before its scope ends, so that no
 * landing that is closed ever holds one. An emptied landing is used again for a secret of its length:
 * memory of one's own for each would cost more than everything else of the call.
 */
export class ReceiveBuffers {
  readonly #secrets: Secrets;
  readonly #kept: SecretBuffer[] = [];
  #over = false;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /**
   * Opens `arrival` at once, and lends it to `use` once the caller has returned.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED` where the secrets are purged before it is lent
   * @returns what `use` gives, when it has settled and the landing is wiped and closed
   */
  lend<T>(arrival: Arrival, use: (bytes: Uint8Array<ArrayBuffer>) => T): Promise<Awaited<T>> {
    const landing = this.#take(arrival.byteLength);
    return landing.modify(async (bytes): Promise<Awaited<T>> => {
      try {
        arrival.openInto(bytes);
        await undefined;
        checkLive(landing, "expose secret"); // by another use of this turn: an empty view would make an empty key
        const result = use(bytes);
        return (isThenable(result) ? await result : result) as Awaited<T>;
      } finally {
        if (bytes.length > 0) wipeBytes(bytes); // none is left of a landing that was purged meanwhile
        this.#keep(landing);
      }
    });
  }

  /** What is lent ends with its scope. */
  destroy(): void {
    this.#over = true;
    for (const landing of this.#kept.splice(0)) landing.destroy();
  }

  #take(byteLength: number): SecretBuffer {
    const index = this.#kept.findIndex(
      (landing) => landing.byteLength === byteLength && landing.state === "guarded",
    );
    const [landing] = index < 0 ? [] : this.#kept.splice(index, 1);
    return landing ?? this.#secrets.allocate(byteLength);
  }

  /** It is taken again once its scope has ended, which is to come. */
  #keep(landing: SecretBuffer): void {
    if (landing.state === "destroyed") return;
    this.#kept.push(landing);
    if (this.#over) this.destroy();
    else if (this.#kept.length > MOST_KEPT) this.#kept.shift()?.destroy();
  }
}
