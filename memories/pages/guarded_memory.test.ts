import "../../testing/core/follow_transfers.ts"; // first: see there

import { describe, expect, it } from "vitest";
import type { Region } from "../../core/contract/memory.ts";
import { SimulatedKernel } from "../../testing/memories/pages/simulated_kernel.ts";
import { code, destroy, open, use } from "../../testing/memories/pages/simulated_memory.ts";
import { PAGE } from "../../testing/memories/pages/simulated_pages.ts";
import { openKernel, openPages, openSecretmem } from "./mod.ts";

describe.each(["pages", "secretmem"] as const)("%s", (name) => {
  it("attests what the pages give, each with its evidence", () => {
    const { memory } = open(name);
    for (const guarantee of [
      ...["access-trap", "write-trap", "guard-pages", "canary", "detached-views"],
      ...["off-heap", "wiped-on-destroy", "locked", "no-dump", "no-fork"],
    ] as const) {
      expect(memory.guarantees[guarantee]).toMatchObject({ level: "enforced", verified: true });
    }
    expect(memory.guarantees.hidden.level).toBe(name === "secretmem" ? "enforced" : "none");
    expect(memory.guarantees.isolated.level).toBe("none");
  });

  it.each([1, 16, 4079, 4080, 4081, 4096, 8192, 70_000])("%i bytes between two guards", (n) => {
    const { kernel, memory } = open(name);
    const region = memory.allocate(n);
    region.protect("read-write");
    expect([...new Set(region.view())]).toEqual([0]);
    expect(region.view().byteOffset).toBe(0);
    expect(region.view().buffer.byteLength).toBe(n);
    const open_ = kernel.maps.filter((line) => line.includes(" rw-"));
    expect(open_).toHaveLength(1);
    const [range] = open_[0]?.split(" ") ?? [];
    const [start, end] = (range ?? "").split("-").map((hex) => Number.parseInt(hex, 16) / PAGE);
    for (const guard of [(start ?? 0) - 1, end ?? 0]) {
      expect(kernel.memory.table.get(guard)).toMatchObject({ access: 0, kind: "reserved" });
    }
    destroy(region);
    memory.close();
    expect(kernel.memory.table.size).toBe(0);
    expect(kernel.openFiles).toBe(0);
  });

  it("another length in a used slot reads as zeros, and its canary is watched", () => {
    const { kernel, memory } = open(name);
    for (const length of [1000, 16, 17, 4080, 1, 999]) {
      const region = memory.allocate(length);
      region.protect("read-only");
      expect(region.view().every((byte) => byte === 0)).toBe(true);
      region.detach();
      use(region);
      const { address } = region as Region & { address: bigint };
      region.protect("read-write");
      region.wipe();
      kernel.memory.store(Number(address) - 1, Uint8Array.of(0));
      expect(code(() => region.release())).toBe("ERR_LETHE_CANARY");
    }
    expect(memory.live).toBe(0);
  });

  it("a wipe that does not read back as zeros is reported, and its slot is not kept", () => {
    const { kernel, memory } = open(name);
    const region = memory.allocate(32);
    use(region);
    region.protect("read-write");
    const { address } = region as Region & { address: bigint };
    kernel.machine.stubborn = true;
    expect(code(() => region.wipe())).toBe("ERR_LETHE_WIPE");
    expect(code(() => region.release())).toBe("ERR_LETHE_WIPE");
    kernel.machine.stubborn = false;
    // Other pages are there now, or none: a secret that could not be wiped must not stay.
    expect(kernel.memory.table.get(Math.floor(Number(address) / PAGE))).toBeUndefined();
    expect(kernel.lockedBytes).toBe(0);
    const next = memory.allocate(32);
    next.protect("read-only");
    expect([...new Set(next.view())]).toEqual([0]);
  });

  it("a closed region is opened for its wipe", () => {
    const { kernel, memory } = open(name);
    const region = memory.allocate(32);
    use(region);
    const { address } = region as Region & { address: bigint };
    region.wipe();
    expect([...new Set(kernel.memory.load(Number(address), 32, 0))]).toEqual([0]);
    destroy(region);
  });

  it("a region that could never be opened is released without a word about its canary", () => {
    const { kernel, memory } = open(name);
    const region = memory.allocate(32);
    kernel.machine.fails = (_, call) => call === "mprotect";
    expect(code(() => region.protect("read-write"))).toBe("ERR_LETHE_PROTECT");
    kernel.machine.fails = () => false;
    region.release();
    expect(memory.live).toBe(0);
  });

  it("a refused change of protection is never taken for granted", () => {
    const { kernel, memory } = open(name);
    const region = memory.allocate(32);
    use(region);
    region.protect("read-only");
    const refused = kernel.calls.length;
    kernel.machine.fails = (call) => call === refused;
    expect(code(() => region.protect("no-access"))).toBe("ERR_LETHE_PROTECT");
    region.protect("no-access");
    expect(kernel.maps.filter((line) => /^\S+ r/.test(line))).toHaveLength(2); // the reference and the ledger
    destroy(region);
  });

  it.each(["closed", "open", "read again"] as const)(
    "the canary is checked on a wiped region left %s",
    (how) => {
      const { kernel, memory } = open(name);
      for (let i = 0; i < 2; i++) {
        const region = memory.allocate(32);
        use(region);
        const { address } = region as Region & { address: bigint };
        region.protect("read-write");
        kernel.memory.store(Number(address) - 16, Uint8Array.of(0));
        region.wipe();
        region.detach();
        if (how === "read again") region.protect("read-only");
        if (how !== "open") region.protect("no-access");
        expect(code(() => region.release())).toBe("ERR_LETHE_CANARY");
      }
    },
  );

  it("release wipes what its caller did not", () => {
    const { kernel, memory } = open(name);
    const region = memory.allocate(32);
    use(region);
    const { address } = region as Region & { address: bigint };
    region.release();
    expect([...new Set(kernel.memory.load(Number(address), 32, 0))]).toEqual([0]);
  });

  it("a released region is inert, even when its slot belongs to another", () => {
    const { memory } = open(name);
    const stale = memory.allocate(32);
    destroy(stale);
    const region = memory.allocate(32);
    use(region);
    for (const method of ["view", "wipe", "release"] as const) {
      expect(code(() => stale[method]())).toBe("ERR_LETHE_DESTROYED");
    }
    expect(code(() => stale.protect("read-write"))).toBe("ERR_LETHE_DESTROYED");
    destroy(region);
  });

  it("close refuses while a region is live", () => {
    const { memory } = open(name);
    const region = memory.allocate(32);
    expect(code(() => memory.close())).toBe("ERR_LETHE_LEAK");
    destroy(region);
    memory.close();
    expect(code(() => memory.allocate(1))).toBe("ERR_LETHE_UNAVAILABLE");
  });
});

it("secretmem that the system refuses is unavailable, and leaves nothing", () => {
  const kernel = new SimulatedKernel({ secretmem: false });
  expect(() => openSecretmem(openKernel(kernel))).toThrow(/secretmem.*memfd_secret was refused/);
  expect(kernel.memory.table.size).toBe(0);
  expect(openPages(openKernel(kernel)).guarantees.hidden.level).toBe("none");
});

it("calls that answer success and do nothing are found out", () => {
  const { memory } = open("pages", { pretends: true });
  for (const name of ["locked", "no-dump", "no-fork"] as const) {
    expect(memory.guarantees[name]).toMatchObject({ level: "none", verified: false });
    expect(memory.allocate(32).guarantees[name].level).toBe("none");
  }
});

it("a platform without pages is unavailable", () => {
  const ffi = Object.assign(new SimulatedKernel(), { platform: "win32" });
  expect(code(() => openKernel(ffi))).toBe("ERR_LETHE_UNAVAILABLE");
});
