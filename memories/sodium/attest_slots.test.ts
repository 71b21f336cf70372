import "../../testing/core/follow_transfers.ts"; // first: see there

import { describe, expect, it } from "vitest";
import { FakeMachine, PAGE } from "../../testing/memories/sodium/fake_machine.ts";
import { attestSlots } from "./attest_slots.ts";
import type { Kernel } from "./kernel.ts";
import { SodiumSlot } from "./slot.ts";

const BYTES = PAGE - 16;
const NO_REASON = { explain: (): string => "" };
const slotsOf = (machine: FakeMachine, count: number): SodiumSlot[] =>
  Array.from({ length: count }, () => new SodiumSlot(machine.sodium, 1, BYTES, NO_REASON));

describe("attestSlots", () => {
  it("finds each slot at its own address, with its own flags", () => {
    const machine = new FakeMachine();
    machine.lockable = 5 * PAGE;
    const slots = slotsOf(machine, 9);
    attestSlots(slots, machine.kernel, PAGE);
    for (const slot of slots) {
      const { start, locked } = machine.pagesOf(slot.buffer);
      expect(slot.attestation).toEqual({
        address: start,
        locked,
        notDumped: true,
        guarded: true,
      });
    }
    expect(slots.filter(({ locked }) => locked).length).toBe(5);
  });

  it("leaves the slots zero", () => {
    const machine = new FakeMachine();
    const slots = slotsOf(machine, 3);
    attestSlots(slots, machine.kernel, PAGE);
    const broken: Kernel = {
      ...machine.kernel,
      read() {
        throw new Error("EMFILE");
      },
    };
    const others = slotsOf(machine, 3);
    expect(() => attestSlots(others, broken, PAGE)).toThrow("EMFILE");
    for (const { buffer } of [...slots, ...others]) {
      expect(new Uint8Array(buffer).every((byte) => byte === 0)).toBe(true);
    }
  });

  it("claims nothing for a slot that is not listed, or not where it was listed", () => {
    const machine = new FakeMachine();
    const slots = slotsOf(machine, 3);
    const { start } = machine.pagesOf((slots[1] as SodiumSlot).buffer);
    const kernel: Kernel = {
      ...machine.kernel,
      *smaps() {
        for (const mapping of machine.kernel.smaps()) if (mapping.start !== start) yield mapping;
      },
    };
    attestSlots(slots, kernel, PAGE);
    expect(slots.map(({ attestation }) => attestation !== null)).toEqual([true, false, true]);
    const gone = slotsOf(machine, 1);
    attestSlots(gone, { ...machine.kernel, read: () => new Uint8Array() }, PAGE);
    expect(gone[0]?.attestation).toBeNull();
  });

  it("takes no flags from a mapping that only looks alike", () => {
    const machine = new FakeMachine();
    machine.lockable = 0;
    const slots = slotsOf(machine, 1);
    const { start, buffer } = machine.pagesOf((slots[0] as SodiumSlot).buffer);
    const decoy = { start: 0x10000, end: 0x10000 + PAGE, permissions: "rw-p" };
    const kernel: Kernel = {
      ...machine.kernel,
      *smaps() {
        yield { ...decoy, flags: new Set(["lo", "dd"]) }; // a torn copy of the marker
        yield* machine.kernel.smaps();
      },
      read(address, byteLength) {
        const bytes = new Uint8Array(buffer.slice(0, byteLength));
        if (address < start) bytes[15] = (bytes[15] as number) ^ 1;
        return bytes;
      },
    };
    attestSlots(slots, kernel, PAGE);
    expect(slots[0]?.attestation).toMatchObject({ address: start, locked: false });
  });

  it("sees a guard that libsodium did not get", () => {
    const machine = new FakeMachine();
    machine.guards = false;
    const slots = slotsOf(machine, 2);
    attestSlots(slots, machine.kernel, PAGE);
    expect(slots.every(({ attestation }) => attestation?.guarded === false)).toBe(true);
  });

  it("reads no further than it must, and keeps nothing of what it read", () => {
    const machine = new FakeMachine();
    slotsOf(machine, 50);
    const slots = slotsOf(machine, 5);
    const copies: Uint8Array[] = [];
    let listed = 0;
    const kernel: Kernel = {
      ...machine.kernel,
      *smaps() {
        for (const mapping of machine.kernel.smaps()) {
          listed++;
          yield mapping;
        }
      },
      read(address, byteLength) {
        const bytes = machine.kernel.read(address, byteLength);
        copies.push(bytes);
        return bytes;
      },
    };
    attestSlots(slots, kernel, PAGE);
    expect(listed).toBeLessThan(4 * 5 + 5);
    expect(copies.length).toBeGreaterThanOrEqual(5);
    expect(copies.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  });
});
