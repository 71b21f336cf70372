import "../../testing/core/follow_transfers.ts"; // first: see there

import { expect, it } from "vitest";
import { SimulatedKernel } from "../../testing/memories/pages/simulated_kernel.ts";
import { PAGE } from "../../testing/memories/pages/simulated_pages.ts";
import { type Entry, readLedger } from "./ledger.ts";
import { openKernel } from "./mod.ts";

const A = { address: 0x7e00_0000n, byteLength: 5n };
const B = { address: 0x7e10_0000n, byteLength: 6n };
const C = { address: 0x7e20_0000n, byteLength: 7n };

/** A thread that keeps book of A, B and C. */
function withThree(): {
  readonly machine: SimulatedKernel;
  readonly kernel: ReturnType<typeof openKernel>;
  listed(): Entry["reservations"] | undefined;
} {
  const machine = new SimulatedKernel();
  const kernel = openKernel(machine);
  for (const { address, byteLength } of [A, B, C]) kernel.ledger.add(address, Number(byteLength));
  const listed = (): Entry["reservations"] | undefined => {
    const page = [...machine.memory.table].find(([, { access }]) => access === 1);
    return readLedger(kernel, BigInt((page?.[0] ?? 0) * PAGE))?.reservations;
  };
  return { machine, kernel, listed };
}

it("LEDGER-1: what is taken off the ledger is listed no more, and all else still is, with its length", () => {
  const { machine, kernel, listed } = withThree();
  expect(listed()).toEqual([A, B, C]);
  expect(kernel.ledger.remove(A.address)).toBe(true);
  expect(listed()).toEqual([C, B]);
  expect(kernel.ledger.remove(B.address)).toBe(true);
  expect(listed()).toEqual([C]);
  expect(kernel.ledger.remove(C.address)).toBe(true);
  // Without an entry there is no ledger, until the next.
  expect(machine.memory.table.size).toBe(0);
  kernel.ledger.add(A.address, Number(A.byteLength));
  expect(listed()).toEqual([A]);
});

it("LEDGER-1: what cannot be taken off says so, and is still listed", () => {
  const { machine, kernel, listed } = withThree();
  machine.machine.fails = (_, call) => call === "mprotect";
  expect(kernel.ledger.remove(B.address)).toBe(false);
  machine.machine.fails = () => false;
  expect(listed()).toEqual([A, B, C]);
  expect(kernel.ledger.remove(B.address)).toBe(true);
});

it("LEDGER-3: what is not on the ledger needs no taking off", () => {
  const { kernel, listed } = withThree();
  expect(kernel.ledger.remove(1n)).toBe(true);
  expect(listed()).toEqual([A, B, C]);
});
