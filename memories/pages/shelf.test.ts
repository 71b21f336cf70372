import "../../testing/core/follow_transfers.ts"; // first: see there

import { expect, it } from "vitest";
import { SimulatedKernel } from "../../testing/memories/pages/simulated_kernel.ts";
import { PAGE } from "../../testing/memories/pages/simulated_pages.ts";
import { openKernel } from "./mod.ts";
import type { PageSlot } from "./reservation.ts";
import { Shelf } from "./shelf.ts";

function shelf(): { readonly machine: SimulatedKernel; readonly shelf: Shelf } {
  const machine = new SimulatedKernel();
  return { machine, shelf: new Shelf(openKernel(machine), 100) };
}

it("says beforehand whether the next slot takes a new reservation", () => {
  const { machine, shelf: own } = shelf();
  const perReservation = own.slotsPerReservation;
  expect(perReservation).toBe(5);
  for (let taken = 0; taken < 2 * perReservation; taken++) {
    const isNew = taken % perReservation === 0;
    expect(own.hasVacancy, String(taken)).toBe(!isNew);
    const before = machine.calls.filter((call) => call === "mmap").length;
    expect(own.vacancy()).not.toBeNull();
    const more = machine.calls.filter((call) => call === "mmap").length - before;
    // One for the reservation, and the first time one for the ledger.
    expect(more > 0, String(taken)).toBe(isNew);
  }
});

it("POOL-4: a reservation that cannot be taken off the ledger stays mapped, and goes at the next trim", () => {
  const { machine, shelf: own } = shelf();
  const slot = own.vacancy() as PageSlot;
  const mapped = machine.memory.table.size;
  machine.machine.fails = (_, call) => call === "mprotect";
  expect(own.vacate(slot)).toBe(false);
  expect(machine.memory.table.size).toBe(mapped);
  expect(own.trim()).toBe(0);
  machine.machine.fails = () => false;
  expect(own.trim()).toBe(1);
  expect(machine.memory.table.size).toBe(0);
});

it("POOL-4: a reservation that the system does not take back is listed again", () => {
  const { machine, shelf: own } = shelf();
  const slot = own.vacancy() as PageSlot;
  machine.machine.fails = (_, call) => call === "munmap";
  expect(own.vacate(slot)).toBe(false);
  machine.machine.fails = () => false;
  // The ledger is there again: it is the one page that can be read.
  expect([...machine.memory.table.values()].filter(({ access }) => access === 1)).toHaveLength(1);
  expect(own.trim()).toBe(1);
  expect(machine.memory.table.size).toBe(0);
});

it("POOL-5: gives back no slot that was needed in a period, however often it is asked", () => {
  const { shelf: own } = shelf();
  const slots = Array.from({ length: 5 }, () => own.vacancy() as PageSlot);
  for (const slot of slots) own.push(slot);
  expect(own.idle).toBe(5);
  own.beginPeriod();
  const two = [own.pop(), own.pop()] as PageSlot[];
  expect(two).toEqual([slots[4], slots[3]]);
  for (const slot of two) own.push(slot);
  expect(own.takeUnneeded(2)).toEqual([slots[0], slots[1]]);
  expect(own.takeUnneeded(2)).toEqual([slots[2]]);
  expect(own.takeUnneeded(2)).toEqual([]);
  expect(own.idle).toBe(2);
  own.beginPeriod();
  expect(own.takeUnneeded(1)).toEqual([two[0]]);
  expect(own.takeIdle()).toEqual([two[1]]);
  expect(own.slotLength).toBe(100 * PAGE);
});
