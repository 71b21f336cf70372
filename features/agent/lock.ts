import { checkLive } from "../../core/check_live.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { pause } from "../../system/timers.ts";
import type { Custodian } from "../custodian/types.ts";
import { AgentRefusal } from "./protocol/agent_refusal.ts";

/** The longest wait after a wrong passphrase, in milliseconds; each one waits 100 more than the one before. */
const LONGEST_WAIT = 10_000;
const WAIT_STEP = 100;

/** Locks an agent with a passphrase, which is kept in the custodian and compared there in constant time. */
export class AgentLock {
  readonly #custodian: Custodian;
  readonly #newName: () => string;
  #name: string | null = null;
  #locking = false;
  #isClosed = false;
  #failures = 0;
  /** Guesses wait for one another, so that many connections guess no faster than one. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(custodian: Custodian, newName: () => string) {
    this.#custodian = custodian;
    this.#newName = newName;
  }

  get isLocked(): boolean {
    return this.#name !== null || this.#locking;
  }

  /**
   * From the call on nothing is signed.
   *
   * @param passphrase is the custodian's afterwards, or yours after an error
   */
  async lock(passphrase: SecretBuffer): Promise<void> {
    if (this.isLocked) throw new AgentRefusal("locked");
    this.#locking = true;
    try {
      const name = this.#newName();
      await this.#custodian.put(name, passphrase);
      if (this.#isClosed) await this.#remove(name);
      this.#name = name;
    } finally {
      this.#locking = false;
    }
  }

  /** @param left the client has left: its guess is not made */
  async unlock(passphrase: SecretBuffer, left: AbortSignal): Promise<void> {
    const mine = this.#turn.then(() => this.#unlock(passphrase, left));
    this.#turn = mine.catch(() => undefined);
    await mine;
  }

  /** Removes the passphrase from the custodian, which stays open. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#name !== null) await this.#remove(this.#name);
  }

  /** One that has ended has it no more. */
  async #remove(name: string): Promise<void> {
    await this.#custodian.delete(name).catch(() => undefined);
  }

  async #unlock(passphrase: SecretBuffer, left: AbortSignal): Promise<void> {
    if (left.aborted) throw new AgentRefusal("gone");
    checkLive(passphrase, "unlock agent"); // it may have waited for its turn
    const name = this.#name;
    if (name === null) throw new AgentRefusal("wrong passphrase");
    if (!(await this.#custodian.equals(name, passphrase))) {
      this.#failures += 1;
      await pause(Math.min(WAIT_STEP * this.#failures, LONGEST_WAIT));
      throw new AgentRefusal("wrong passphrase");
    }
    this.#failures = 0;
    this.#name = null;
    await this.#custodian.delete(name);
  }
}
