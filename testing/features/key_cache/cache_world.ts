// A cache over a wrapper that a test answers by hand, beside a plain reference of what it must do.
import { expect } from "vitest";
import { openSecrets } from "../../../adapters/node/mod.ts";
import type { KeyWrapper, Land, Stanza } from "../../../core/contract/key_wrapper.ts";
import type { SecretBuffer, Secrets } from "../../../core/mod.ts";
import { cachedBy } from "../../../features/key_cache/caching_wrapper.ts";
import type { CachedWrapper, CacheLimits } from "../../../features/key_cache/types.ts";
import { FakeClock, settle } from "../rotation/fake_clock.ts";

/** A stanza that names nothing but itself. */
export function stanzaOf(name: number): Stanza {
  return { args: ["test", String(name)], body: new Uint8Array(new ArrayBuffer(32)).fill(name) };
}

/** The file key that the question of this number is answered with. */
export function keyOf(question: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(16)).fill(7);
  new DataView(bytes.buffer).setUint32(0, question);
  return bytes;
}

/** What the wrapper was asked and has not answered. */
export interface Pending {
  readonly question: number;
  readonly stanzas: readonly Stanza[];
  answer(): void;
  refuse(): void;
  fail(): void;
}

/** A wrapper that waits for its test. */
export class HandWrapper implements KeyWrapper {
  readonly name = "by hand";
  readonly version = "7";
  readonly residue = null;
  readonly pending: Pending[] = [];
  asked = 0;

  wrap(): readonly Stanza[] {
    return [stanzaOf(0)];
  }

  unwrap(stanzas: readonly Stanza[], land: Land): Promise<SecretBuffer | null> {
    const question = this.asked++;
    return new Promise((resolve, reject) => {
      this.pending.push({
        question,
        stanzas,
        answer: () => resolve(land(16, (page) => page.set(keyOf(question)))),
        refuse: () => resolve(null),
        fail: () => reject(new Error("out of reach")),
      });
    });
  }
}

/** How a call ended: the question whose answer it got, `null`, the text of its error, or not yet. */
export type Ending = number | "none" | string | undefined;

export class CacheStage {
  readonly clock: FakeClock = new FakeClock();
  readonly secrets: Secrets = openSecrets({ memory: "heap" });
  readonly inner: HandWrapper = new HandWrapper();
  readonly cache: CachedWrapper;
  readonly endings: Ending[] = [];

  constructor(limits: CacheLimits) {
    this.cache = cachedBy(this.clock)(this.secrets, this.inner, limits);
  }

  /** The landing of a caller. */
  readonly land: Land = (byteLength, fill) => this.secrets.land(byteLength, fill);

  /** Opens what these stanzas hold; `endings` gets how it ended, at the number that is returned. */
  ask(stanzas: readonly Stanza[], land: Land = this.land): number {
    const call = this.endings.push(undefined) - 1;
    Promise.resolve(this.cache.unwrap(stanzas, land)).then(
      (secret) => {
        this.endings[call] = secret === null ? "none" : secret.expose(questionIn);
        secret?.destroy();
      },
      (error: Error & { code?: string }) => {
        this.endings[call] = error.code ?? error.message;
      },
    );
    return call;
  }

  /** Asks, has the wrapper answer all that it was asked, and gives how it ended. */
  async open(name: number): Promise<Ending> {
    const call = this.ask([stanzaOf(name)]);
    await settle();
    for (const each of this.inner.pending.splice(0)) each.answer();
    await settle();
    return this.endings[call];
  }

  async advance(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds, settle);
  }

  end(): void {
    this.cache.close();
    expect(this.secrets.stats).toMatchObject({ live: 0, sealed: 0 });
  }
}

function questionIn(bytes: Uint8Array): number {
  const question = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  expect([...bytes]).toEqual([...keyOf(question)]);
  return question;
}
