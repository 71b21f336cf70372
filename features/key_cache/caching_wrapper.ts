import { wrongKind } from "../../core/arguments/argument_error.ts";
import { optional } from "../../core/arguments/own.ts";
import type { Clock } from "../../core/clock.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { Awaitable, KeyWrapper, Land, Stanza } from "../../core/contract/key_wrapper.ts";
import { disposable } from "../../core/dispose.ts";
import { enginesOfSecrets } from "../../core/engines.ts";
import { MemorySecrets } from "../../core/memory_secrets.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { redact } from "../../core/redact.ts";
import { openEnclaves } from "../enclave/mod.ts";
import { askWrapper } from "./ask_wrapper.ts";
import { copyStanzas, digestOf } from "./digest.ts";
import { closedError, KeptKeys, type Moment } from "./kept_keys.ts";
import { checkLimits, VERB } from "./limits.ts";
import type { Cached, CachedWrapper, CacheLimits } from "./types.ts";

/** {@link Cached} by other clocks, for tests. */
export function cachedBy(clock: Clock): Cached {
  return (secrets, wrapper, limits) => {
    if (!MemorySecrets.is(secrets)) {
      throw wrongKind(
        `Cannot ${VERB} as secrets must come from openSecrets of this Lethe`,
        secrets,
      );
    }
    const { wrap, unwrap } = Object(wrapper) as Partial<KeyWrapper>;
    if (typeof wrap !== "function" || typeof unwrap !== "function") {
      throw wrongKind(`Cannot ${VERB} as wrapper must have wrap() and unwrap()`, wrapper);
    }
    return new CachingWrapper(secrets, wrapper, clock, checkLimits(limits));
  };
}

interface Waiter {
  readonly land: Land;
  resolve(fileKey: SecretBuffer | null): void;
  reject(reason: unknown): void;
}

/** What the wrapper was asked, and who waits for the answer. */
interface Question {
  readonly asked: Moment;
  readonly waiters: Waiter[];
}

/** Milliseconds for which others join a question: one that is stuck holds up nobody who comes later. */
const PATIENCE = 10_000;

class CachingWrapper implements CachedWrapper {
  readonly #secrets: Secrets;
  readonly #wrapper: KeyWrapper;
  readonly #limits: CacheLimits;
  readonly #engine: CryptoEngine;
  readonly #kept: KeptKeys;
  /** The last question for each list of stanzas, and all that are open. */
  readonly #latest = new Map<string, Question>();
  readonly #open = new Set<Question>();
  #isClosed = false;

  constructor(secrets: Secrets, wrapper: KeyWrapper, clock: Clock, limits: CacheLimits) {
    this.#secrets = secrets;
    this.#wrapper = wrapper;
    this.#limits = limits;
    this.#engine = enginesOfSecrets(secrets).choose({
      verb: VERB,
      operations: ["hmac-sha256", "aead"],
      passed: "secrets",
    }).engine;
    this.#kept = new KeptKeys(openEnclaves(secrets), clock, limits);
  }

  get name(): string {
    return this.#wrapper.name;
  }

  get version(): string | null {
    return this.#wrapper.version;
  }

  get residue(): string | null {
    return this.#wrapper.residue;
  }

  get alone(): boolean {
    return optional(this.#wrapper, "alone") === true;
  }

  /** Passed through: each envelope has a file key of its own, which is wrapped once. */
  wrap(fileKey: SecretBuffer): Awaitable<readonly Stanza[]> {
    if (this.#isClosed) throw closedError();
    return this.#wrapper.wrap(fileKey);
  }

  async unwrap(given: readonly Stanza[], land: Land): Promise<SecretBuffer | null> {
    if (this.#isClosed) throw closedError();
    const stanzas = copyStanzas(given);
    const digest = digestOf(this.#engine, stanzas);
    return (
      this.#kept.give(digest, land) ??
      (await new Promise<SecretBuffer | null>((resolve, reject) => {
        this.#await(digest, stanzas, { land, resolve, reject });
      }))
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#kept.close();
    for (const { waiters } of this.#open) {
      for (const { reject } of waiters.splice(0)) reject(closedError());
    }
  }

  /** Each question has as many waiters as its answer has uses. */
  #await(digest: string, stanzas: readonly Stanza[], waiter: Waiter): void {
    const latest = this.#latest.get(digest);
    const patience = Math.min(PATIENCE, this.#limits.maxAge);
    const isJoined =
      latest !== undefined &&
      latest.waiters.length < this.#limits.uses &&
      this.#kept.ageOf(latest.asked) < patience;
    if (isJoined) {
      latest.waiters.push(waiter);
      return;
    }
    const question: Question = { asked: this.#kept.now, waiters: [waiter] };
    this.#latest.set(digest, question);
    this.#open.add(question);
    void this.#ask(digest, stanzas, question);
  }

  async #ask(digest: string, stanzas: readonly Stanza[], question: Question): Promise<void> {
    try {
      const answer = await askWrapper(this.#secrets, this.#wrapper, stanzas);
      this.#end(digest, question);
      this.#serve(digest, question, answer);
    } catch (error) {
      this.#end(digest, question);
      for (const { reject } of question.waiters) reject(error);
    }
  }

  /** From here on nobody joins. */
  #end(digest: string, question: Question): void {
    this.#open.delete(question);
    if (this.#latest.get(digest) === question) this.#latest.delete(digest);
  }

  #serve(digest: string, { asked, waiters }: Question, answer: SecretBuffer | null): void {
    if (answer === null) {
      for (const { resolve } of waiters) resolve(null);
      return;
    }
    let left = this.#limits.uses;
    try {
      for (const { land, resolve, reject } of waiters) {
        left -= 1;
        try {
          resolve(this.#kept.land(answer, land));
        } catch (error) {
          reject(error);
        }
      }
    } finally {
      this.#kept.keep(digest, answer, asked, this.#isClosed ? 0 : left);
    }
  }

  declare readonly [Symbol.dispose]: () => void;
}

disposable(CachingWrapper, (wrapper) => wrapper.close());
redact(CachingWrapper, ({ name }) => `[CachedWrapper ${name}]`);
