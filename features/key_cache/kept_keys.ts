import { copyBytes } from "../../core/arguments/check_bytes.ts";
import { checkLive } from "../../core/check_live.ts";
import type { Clock } from "../../core/clock.ts";
import { FILE_KEY_BYTES, type Land } from "../../core/contract/key_wrapper.ts";
import { inBackground } from "../../core/in_background.ts";
import { LetheError, type SecretBuffer } from "../../core/mod.ts";
import type { ReadonlyBytes } from "../../core/readonly_bytes.ts";
import type { Enclave, Enclaves } from "../enclave/mod.ts";
import { VERB } from "./limits.ts";
import type { CacheLimits } from "./types.ts";

/** A moment by two clocks, in milliseconds. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

interface KeptKey {
  readonly enclave: Enclave;
  /** When the wrapper was asked. */
  readonly asked: Moment;
  /** How often it may still be given. */
  left: number;
}

/** The file keys of a cache, sealed, by the digest of their stanzas. The one that was used least recently comes first. */
export class KeptKeys {
  readonly #enclaves: Enclaves;
  readonly #clock: Clock;
  readonly #limits: CacheLimits;
  readonly #keys = new Map<string, KeptKey>();
  #stopTimer: (() => void) | null = null;
  /** When it rings, by the monotonic clock. */
  #timerEnd = 0;
  #isClosed = false;
  /** What keeping one failed with last. It is logged once: it would be the same each time. */
  #failure = "";

  constructor(enclaves: Enclaves, clock: Clock, limits: CacheLimits) {
    this.#enclaves = enclaves;
    this.#clock = clock;
    this.#limits = limits;
  }

  get now(): Moment {
    return { monotonic: this.#clock.monotonic(), wall: this.#clock.wall() };
  }

  /** Milliseconds by the clock that says more: one can be set, the other may stand still while the machine sleeps. */
  ageOf({ monotonic, wall }: Moment): number {
    const now = this.now;
    return Math.max(now.monotonic - monotonic, now.wall - wall);
  }

  /** Gives a key that is kept once more; null: there is none. */
  give(digest: string, land: Land): SecretBuffer | null {
    const key = this.#keys.get(digest);
    if (key === undefined) return null;
    this.#keys.delete(digest);
    if (this.#isOver(key)) {
      key.enclave.destroy();
      return null;
    }
    key.left -= 1;
    if (key.left > 0) this.#keys.set(digest, key); // the last one is the one that was used last
    let isGiven = false;
    try {
      const given = this.land(key.enclave, land);
      isGiven = true;
      return given;
    } finally {
      if (!isGiven || key.left === 0) this.#drop(digest, key);
    }
  }

  /**
   * A copy of a key. `land` is the caller's, and may do anything: whether the cache is open and the key is still there is looked
   * at when its page is open.
   */
  land(key: HeldKey, land: Land): SecretBuffer {
    return land(FILE_KEY_BYTES, (page) => {
      if (this.#isClosed) throw closedError();
      checkLive(key, VERB);
      key.expose((bytes) => copyBytes(page, bytes as Uint8Array));
    });
  }

  /** Takes over a secret: keeps it, if it may be given again, or destroys it. */
  keep(digest: string, secret: SecretBuffer, asked: Moment, left: number): void {
    try {
      if (left === 0 || this.ageOf(asked) >= this.#limits.maxAge) return;
      if (secret.state === "destroyed") return;
      this.#forget(digest);
      this.#makeRoom();
      this.#seal(digest, secret, asked, left);
    } finally {
      secret.destroy();
    }
  }

  /** Destroys every key, for good. */
  close(): void {
    this.#isClosed = true;
    for (const [digest, key] of [...this.#keys]) this.#drop(digest, key);
    this.#stopTimer?.();
    this.#stopTimer = null;
  }

  /** Who asked has the key by now; that it is not kept costs another question. */
  #seal(digest: string, secret: SecretBuffer, asked: Moment, left: number): void {
    const last = this.#failure;
    this.#failure = "";
    inBackground(
      () => {
        this.#keys.set(digest, { enclave: this.#enclaves.seal(secret), asked, left });
        this.#setTimer(asked);
      },
      (code) => {
        this.#failure = code;
        return code === last ? null : `Lethe could not keep a file key in a cache: ${code}`;
      },
    );
  }

  #isOver({ enclave, asked }: KeptKey): boolean {
    return enclave.state === "destroyed" || this.ageOf(asked) >= this.#limits.maxAge;
  }

  #makeRoom(): void {
    for (const [digest, key] of this.#keys) {
      if (this.#keys.size < this.#limits.entries) return;
      this.#drop(digest, key);
    }
  }

  #forget(digest: string): void {
    const key = this.#keys.get(digest);
    if (key !== undefined) this.#drop(digest, key);
  }

  #drop(digest: string, key: KeptKey): void {
    if (this.#keys.get(digest) === key) this.#keys.delete(digest);
    key.enclave.destroy();
  }

  /** Destroys what has become too old, also when nobody asks. It does not keep the process alive. */
  #setTimer(asked: Moment): void {
    const end = this.#clock.monotonic() + this.#limits.maxAge - this.ageOf(asked);
    if (this.#stopTimer !== null && this.#timerEnd <= end) return;
    this.#stopTimer?.();
    this.#timerEnd = end;
    const wait = Math.max(1, Math.ceil(end - this.#clock.monotonic()));
    this.#stopTimer = this.#clock.later(() => this.#sweep(), wait, false);
  }

  #sweep(): void {
    this.#stopTimer = null;
    for (const [digest, key] of [...this.#keys]) {
      if (this.#isOver(key)) this.#drop(digest, key);
      else this.#setTimer(key.asked);
    }
  }
}

/** A file key as it is kept, and as it comes. */
interface HeldKey {
  readonly state: string;
  expose(use: (bytes: ReadonlyBytes) => void): void;
}

export function closedError(): LetheError {
  return new LetheError("ERR_LETHE_DESTROYED", `Cannot ${VERB}: the cache was closed`);
}
