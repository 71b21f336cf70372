import { type Guarantees, guarantees, unverified } from "../../core/contract/guarantees.ts";
import type { Protection, Region, SecretMemory } from "../../core/contract/memory.ts";

/** What a {@link FakeMemory} does wrong at its `at`-th call from now, counted over all its regions. */
export interface Fault {
  readonly at: number;
  /** Whether the call did its work before it threw. */
  readonly when: "before" | "after";
  readonly error: Error;
  /** Whether every later call of the same kind fails too. */
  readonly lasting?: boolean;
}

/** All that the fakes say they keep: they trap by reporting, see {@link FakeMemory.violations}. */
export const FAKE_GUARANTEES: Guarantees = guarantees({
  "off-heap": unverified("enforced", "a fake"),
  "access-trap": unverified("enforced", "a fake"),
  "write-trap": unverified("enforced", "a fake"),
  locked: unverified("enforced", "a fake"),
});

/**
 * A memory that keeps the port's rules by the letter, notes each breach of them by its caller, and
 * fails on demand. It is the page memory of the unit tests: where real pages would kill the process,
 * it writes a line in `violations`.
 */
export class FakeMemory implements SecretMemory {
  readonly name: string = "fake";
  readonly guarantees: Guarantees = FAKE_GUARANTEES;
  readonly regions: FakeRegion[] = [];
  readonly violations: string[] = [];
  /** Calls since the last {@link FakeMemory.arm}, as `protect read-only`, `view` and so on. */
  calls: string[] = [];
  #fault: Fault | null = null;

  allocate(byteLength: number): FakeRegion {
    const region = new FakeRegion(byteLength, this);
    this.regions.push(region);
    return region;
  }

  /** Counts calls from now on, and fails at one of them when a fault is given. */
  arm(fault: Fault | null = null): void {
    this.calls = [];
    this.#fault = fault;
  }

  /** The region of the secret that was made last. */
  get last(): FakeRegion {
    return this.regions.at(-1) as FakeRegion;
  }

  perform<T>(call: string, work: () => T): T {
    const fault = this.#failing(this.calls.push(call) - 1) ? this.#fault : null;
    if (fault?.when === "before") throw fault.error;
    const result = work();
    if (fault !== null) throw fault.error;
    return result;
  }

  #failing(index: number): boolean {
    if (this.#fault === null || index <= this.#fault.at) return index === this.#fault?.at;
    return this.#fault.lasting === true && this.calls[index] === this.calls[this.#fault.at];
  }
}

/** A region of a {@link FakeMemory}: its fields are what the pages really are. */
export class FakeRegion implements Region {
  readonly byteLength: number;
  readonly guarantees: Guarantees;
  readonly steps: string[] = [];
  readonly #memory: FakeMemory;
  #buffer: ArrayBuffer;
  protection: Protection = "no-access";
  live: Uint8Array<ArrayBuffer> | null = null;
  released = 0;

  constructor(byteLength: number, memory: FakeMemory) {
    this.byteLength = byteLength;
    this.guarantees = memory.guarantees;
    this.#memory = memory;
    this.#buffer = new ArrayBuffer(byteLength);
  }

  /** The bytes, whatever the protection: the view of a scanner outside. */
  get bytes(): number[] {
    return [...new Uint8Array(this.#buffer)];
  }

  get zero(): boolean {
    return this.bytes.every((byte) => byte === 0);
  }

  protect(protection: Protection): void {
    this.#step(`protect ${protection}`, () => {
      this.#rule(
        protection !== "no-access" || this.live === null,
        "MEM-6 closed under a live view",
      );
      this.protection = protection;
    });
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.#step("view", () => {
      this.#rule(this.protection !== "no-access", "MEM-5 view of closed pages");
      this.live ??= new Uint8Array(this.#buffer);
      return this.live;
    });
  }

  detach(): void {
    this.#step("detach", () => {
      if (this.live !== null) this.#buffer = this.#buffer.transfer();
      this.live = null;
    });
  }

  wipe(): void {
    this.#step("wipe", () => {
      this.#rule(this.protection === "read-write", `MEM-7 wipe of ${this.protection} pages`);
      new Uint8Array(this.#buffer).fill(0);
    });
  }

  release(): void {
    this.#step("release", () => {
      this.#rule(this.protection === "no-access", "MEM-8 release of open pages");
      this.#rule(this.live === null, "MEM-8 release under a live view");
      this.#rule(this.zero, "MEM-8 release of bytes that are not wiped");
      this.released += 1;
    });
  }

  #step<T>(call: string, work: () => T): T {
    this.#rule(this.released === 0, `MEM-8 ${call} after release`);
    this.steps.push(call);
    return this.#memory.perform(call, work);
  }

  #rule(kept: boolean, rule: string): void {
    if (!kept) this.#memory.violations.push(rule);
  }
}
