// Many machines that rotate a secret of one store by clocks of a test, each with its own network.
import type { Identity, Recipient } from "../../../core/contract/key_wrapper.ts";
import type { SecretBuffer, Secrets } from "../../../core/mod.ts";
import { rotatingBy } from "../../../features/rotation/rotating.ts";
import type { RotatingSecret } from "../../../features/rotation/rotating_secret.ts";
import {
  type EnvelopeStore,
  MemoryStore,
  openStoredSecrets,
  type StoredSecrets,
  storeError,
} from "../../../features/stores/mod.ts";
import { FakeClock, settle } from "../rotation/fake_clock.ts";

const KEY = "db";
/** Milliseconds. Machines are looked at so often. */
export const STEP = 1000;

/** How machines rotate. */
export interface FleetOptions {
  readonly secrets: Secrets;
  readonly pollEvery: number;
  /** From 0 up to 1, for the machine with this number. */
  readonly luck: (machine: number) => number;
}

export class Machine {
  readonly clock: FakeClock;
  isCutOff = false;
  /** The code of the last read that failed. */
  lastCode = "";
  #login: RotatingSecret | null = null;
  readonly #stored: StoredSecrets;
  readonly #options: FleetOptions;
  readonly identity: Identity;

  constructor(store: EnvelopeStore, options: FleetOptions, number: number, identity: Identity) {
    this.clock = new FakeClock([options.luck(number)]);
    this.identity = identity;
    this.#options = options;
    this.#stored = openStoredSecrets(options.secrets, {
      name: "memory",
      read: async (key, signal) => {
        if (this.isCutOff) {
          throw storeError("ERR_LETHE_STORE_UNAVAILABLE", "read", "memory", key, "a test; wait");
        }
        return await store.read(key, signal);
      },
      write: (key, envelope, write) => store.write(key, envelope, write),
      remove: (key, remove) => store.remove(key, remove),
    });
  }

  /** Begins, as a process that just started. */
  async start(): Promise<string> {
    this.#login?.close();
    this.#login = null;
    try {
      this.#login = await rotatingBy(this.clock)(
        this.#options.secrets,
        this.#stored.source([this.identity]),
        KEY,
        {
          pollEvery: this.#options.pollEvery,
          onEvent: (event) => {
            if (event.kind === "refresh-failed") this.lastCode = event.code;
          },
        },
      );
      return "started";
    } catch (error) {
      return String((error as { code?: unknown }).code ?? error);
    }
  }

  /** The number of the publication that it serves, or 0: the store's revision. */
  get version(): number {
    return Number((this.#login?.version ?? "@0").split("@")[1]);
  }

  close(): void {
    this.#login?.close();
  }
}

export class Fleet {
  readonly store: MemoryStore = new MemoryStore();
  readonly machines: readonly Machine[];
  /** How often the store was read, by second. */
  readonly reads: number[] = [];
  /** Seconds since the fleet was made. */
  seconds = 0;
  readonly #stored: StoredSecrets;
  readonly #secrets: Secrets;

  constructor(count: number, identities: readonly Identity[], options: FleetOptions) {
    this.#secrets = options.secrets;
    this.#stored = openStoredSecrets(options.secrets, this.store);
    const counted: EnvelopeStore = {
      name: "memory",
      read: (key, signal) => {
        this.reads[this.seconds] = (this.reads[this.seconds] ?? 0) + 1;
        return this.store.read(key, signal);
      },
      write: (key, envelope, write) => this.store.write(key, envelope, write),
      remove: (key, remove) => this.store.remove(key, remove),
    };
    this.machines = Array.from(
      { length: count },
      (_, number) =>
        new Machine(counted, options, number, identities[number % identities.length] as Identity),
    );
  }

  /** Milliseconds since 1970, by the machines' clocks. */
  get now(): number {
    return this.machines[0]?.clock.wall() ?? 0;
  }

  async publish(recipients: readonly Recipient[], validFor: number): Promise<void> {
    const value: SecretBuffer = this.#secrets.random(16);
    const expiresAt = new Date(this.now + validFor);
    await this.#stored.publish(KEY, [["value", value]], recipients, { expiresAt });
    value.destroy();
  }

  async start(): Promise<void> {
    for (const machine of this.machines) await machine.start();
  }

  /** Time goes by; `look` sees the fleet after each step. */
  async run(seconds: number, look: () => void = () => undefined): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.seconds += 1;
      for (const { clock } of this.machines) await clock.advance(STEP, settle);
      look();
    }
  }

  close(): void {
    for (const machine of this.machines) machine.close();
  }
}
