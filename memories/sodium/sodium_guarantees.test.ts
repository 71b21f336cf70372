import "../../testing/core/follow_transfers.ts"; // first: see there

import { describe, expect, it } from "vitest";
import { FakeMachine, PAGE } from "../../testing/memories/sodium/fake_machine.ts";
import { open, pagesOf } from "../../testing/memories/sodium/lives.ts";
import { SodiumMemory } from "./sodium_memory.ts";

describe("the tables", () => {
  it("say what the kernel says of each slot", () => {
    const machine = new FakeMachine();
    machine.lockable = 16 * PAGE;
    const memory = open(machine);
    const regions = Array.from({ length: 40 }, () => memory.allocate(32));
    for (const region of regions) {
      expect(region.guarantees.locked.verified).toBe(pagesOf(machine, region).locked);
    }
    expect(regions.filter(({ guarantees }) => guarantees.locked.verified).length).toBe(16);
    expect(new Set(regions.map(({ guarantees }) => guarantees)).size).toBe(2);
    const { evidence } = regions.at(-1)?.guarantees.locked ?? {};
    expect(evidence).toBe(
      `smaps has no lo among the VmFlags of its pages: mlock failed; ${16 * PAGE} bytes may be locked`,
    );
  });

  it("follow each slot in its guards and in its absence from dumps", () => {
    const machine = new FakeMachine();
    const memory = open(machine);
    expect(memory.guarantees["guard-pages"].verified).toBe(true);
    for (let count = 0; count < 4; count++) memory.allocate(32);
    machine.guards = false;
    machine.dumpable = true;
    const { guarantees } = memory.allocate(32);
    expect(guarantees["guard-pages"].level).toBe("none");
    expect(guarantees["no-dump"].level).toBe("none");
    expect(guarantees.locked.verified).toBe(true);
  });

  it("tell slots apart whatever the kernel says of them", () => {
    const machine = new FakeMachine();
    const memory = open(machine);
    memory.allocate(5000);
    for (let bits = 0; bits < 8; bits++) {
      machine.lockable = bits & 1 ? Infinity : 0;
      machine.dumpable = (bits & 2) === 0;
      machine.guards = (bits & 4) !== 0;
      const { guarantees } = memory.allocate((bits + 2) * PAGE);
      const names = ["locked", "no-dump", "guard-pages"] as const;
      expect(names.map((name) => guarantees[name].verified)).toEqual([
        (bits & 1) !== 0,
        (bits & 2) !== 0,
        (bits & 4) !== 0,
      ]);
    }
  });

  it("verify nothing about a slot that the kernel does not list", () => {
    const machine = new FakeMachine();
    const kernel = { ...machine.kernel, smaps: () => [] };
    const memory = new SodiumMemory(machine.sodium, kernel, "not listed");
    for (const { verified } of Object.values(memory.allocate(32).guarantees)) {
      expect(verified).toBe(false);
    }
    expect(memory.guarantees.locked.level).toBe("best-effort");
  });

  it("see it when protections have no effect", () => {
    const machine = new FakeMachine();
    const kernel = {
      ...machine.kernel,
      *maps() {
        for (const mapping of machine.kernel.maps()) yield { ...mapping, permissions: "rw-p" };
      },
    };
    const { guarantees } = new SodiumMemory(machine.sodium, kernel, "");
    expect(guarantees["access-trap"].level).toBe("none");
    expect(guarantees["write-trap"].level).toBe("none");
  });
});
