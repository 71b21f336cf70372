import type { Secrets } from "../../../core/mod.ts";
import type { RotationEvent } from "../../../features/rotation/events.ts";
import type { RotatingOptions } from "../../../features/rotation/options.ts";
import { rotatingBy } from "../../../features/rotation/rotating.ts";
import type { RotatingSecret } from "../../../features/rotation/rotating_secret.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { thrown } from "../../core/samples.ts";
import { ControlledSource } from "./controlled_source.ts";
import { FakeClock, settle } from "./fake_clock.ts";

/** In milliseconds. */
export const MINUTE = 60_000;

/** A rotating secret over a store that a test controls. */
export class Stage {
  readonly clock: FakeClock;
  readonly secrets: Secrets = openSecrets();
  readonly source: ControlledSource = new ControlledSource(() => this.clock.monotonic());
  readonly events: RotationEvent[] = [];

  /** @param draw what the clock's chance gives, from 0 up to 1 */
  constructor(draw: number = 0) {
    this.clock = new FakeClock([draw]);
  }

  /** @param lifetime of the first version, in milliseconds */
  async start(lifetime: number | null, options: RotatingOptions = {}): Promise<RotatingSecret> {
    this.store(lifetime);
    const onEvent = (event: RotationEvent): void => void this.events.push(event);
    const opened = rotatingBy(this.clock)(this.secrets, this.source, "reference", {
      onEvent,
      ...options,
    });
    await settle();
    this.source.pending[0]?.answer();
    const rotating = await opened;
    this.events.length = 0;
    return rotating;
  }

  store(lifetime: number | null): void {
    this.source.stored++;
    this.source.end = lifetime === null ? null : this.clock.wall() + lifetime;
  }

  async answer(): Promise<void> {
    this.source.pending[0]?.answer();
    await settle();
  }

  async fail(): Promise<void> {
    this.source.pending[0]?.fail();
    await settle();
  }

  async advance(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds, settle);
  }

  /** Time goes by, and reads are answered within a second. */
  async pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 1000) {
      await this.advance(1000);
      await this.answer();
    }
  }

  /** The store has another version, and says so. */
  async rotate(lifetime: number | null): Promise<void> {
    this.store(lifetime);
    await this.notice();
    await this.answer();
  }

  async notice(): Promise<void> {
    await this.advance(100);
    this.source.onChange?.();
    await settle();
  }

  get reads(): number {
    return this.source.reads;
  }

  get live(): number {
    return this.secrets.stats.live;
  }
}

/** The version that a scope is given. */
export const version = (rotating: RotatingSecret): string =>
  rotating.use((current) => current.version);
/** That one, and the one before it. */
export const both = (rotating: RotatingSecret): readonly (string | undefined)[] =>
  rotating.use((current, previous) => [current.version, previous?.version]);
export const codeOf = (work: () => unknown): string | undefined => thrown(work).code;
