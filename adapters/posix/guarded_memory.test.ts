import { describe, expect, test } from "vitest";
import { LetheError } from "../../core/errors.ts";
import type { Region } from "../../core/memory.ts";
import { type GuardedMemory, openKernel, openPages, openSecretmem } from "./mod.ts";
import { type Machine, SimulatedKernel } from "./testdata/simulated_kernel.ts";
import { PAGE } from "./testdata/simulated_pages.ts";

const MEMORIES = { pages: openPages, secretmem: openSecretmem };

function open(
  name: keyof typeof MEMORIES,
  machine: Partial<Machine> = {},
): { kernel: SimulatedKernel; memory: GuardedMemory } {
  const kernel = new SimulatedKernel(machine);
  return { kernel, memory: MEMORIES[name](openKernel(kernel)) };
}

function use(region: Region, byte = 0xa5): void {
  region.protect("read-write");
  region.view().fill(byte);
  region.detach();
  region.protect("no-access");
}

function destroy(region: Region): void {
  region.protect("read-write");
  region.wipe();
  region.detach();
  region.protect("no-access");
  region.release();
}

function code(run: () => unknown): string {
  try {
    run();
    return "returned";
  } catch (error) {
    return error instanceof LetheError ? error.code : String(error);
  }
}

describe.each(["pages", "secretmem"] as const)("%s", (name) => {
  test("attests what the pages give, each with its evidence", () => {
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

  test.each([1, 16, 4079, 4080, 4081, 4096, 8192, 70_000])("%i bytes between two guards", (n) => {
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

  test("a steady state makes mprotect calls only", () => {
    const { kernel, memory } = open(name);
    for (const length of [32, 4096]) destroy(memory.allocate(length));
    kernel.calls.length = 0;
    for (let i = 0; i < 10; i++) {
      for (const length of [32, 4096]) {
        const region = memory.allocate(length);
        use(region);
        destroy(region);
      }
    }
    expect([...new Set(kernel.calls)]).toEqual(["mprotect"]);
    expect(kernel.calls.length).toBe(20 * 4);
    kernel.calls.length = 0;
    memory.allocate(32).release();
    expect(kernel.calls).toEqual([]);
  });

  test("another length in a used slot reads as zeros, and its canary is watched", () => {
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

  test("a slot with a damaged canary is not kept", () => {
    const { kernel, memory } = open(name);
    const other = memory.allocate(32); // keeps the reservation
    const region = memory.allocate(32);
    use(region);
    const { address } = region as Region & { address: bigint };
    region.protect("read-write");
    kernel.memory.store(Number(address) - 16, Uint8Array.of(0));
    expect(code(() => region.release())).toBe("ERR_LETHE_CANARY");
    expect(kernel.memory.table.get(Math.floor(Number(address) / PAGE))?.locked).toBe(false);
    destroy(other);
    memory.trim();
    expect(kernel.lockedBytes).toBe(0);
  });

  test("a wipe that does not read back as zeros is reported, and its slot is not kept", () => {
    const { kernel, memory } = open(name);
    const region = memory.allocate(32);
    use(region);
    region.protect("read-write");
    kernel.machine.stubborn = true;
    expect(code(() => region.wipe())).toBe("ERR_LETHE_WIPE");
    expect(code(() => region.release())).toBe("ERR_LETHE_WIPE");
    kernel.machine.stubborn = false;
    const next = memory.allocate(32);
    next.protect("read-only");
    expect([...new Set(next.view())]).toEqual([0]);
  });

  test("a refused change of protection is never taken for granted", () => {
    const { kernel, memory } = open(name);
    const region = memory.allocate(32);
    use(region);
    region.protect("read-only");
    const refused = kernel.calls.length;
    kernel.machine.fails = (call) => call === refused;
    expect(code(() => region.protect("no-access"))).toBe("ERR_LETHE_PROTECT");
    region.protect("no-access");
    expect(kernel.maps.filter((line) => /^\S+ r/.test(line))).toHaveLength(1); // the reference
    destroy(region);
  });

  test("P3: a slot that lacks something says so, and is not kept", () => {
    const { kernel, memory } = open(name);
    memory.trim();
    kernel.machine.fails = (_, call) => call === "madvise";
    const weak = memory.allocate(32);
    expect(weak.guarantees["no-fork"].level).toBe("none");
    expect(weak.guarantees["no-fork"].evidence).toMatch(/MADV_DONTFORK was refused/);
    expect(weak.guarantees["no-dump"].level).toBe(name === "pages" ? "none" : "enforced");
    kernel.machine.fails = () => false;
    destroy(weak);
    expect(memory.allocate(32).guarantees["no-fork"].level).toBe("enforced");
  });

  test.each(["closed", "open", "read again"] as const)(
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

  test("release wipes what its caller did not", () => {
    const { kernel, memory } = open(name);
    const region = memory.allocate(32);
    use(region);
    const { address } = region as Region & { address: bigint };
    region.release();
    expect([...new Set(kernel.memory.load(Number(address), 32, 0))]).toEqual([0]);
  });

  test("a released region is inert, even when its slot belongs to another", () => {
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

  test("P4: a slot whose buffer was taken away is closed for good", () => {
    const { kernel, memory } = open(name);
    const region = memory.allocate(32);
    region.protect("read-write");
    const stolen = region.view().buffer.transfer();
    expect(stolen.byteLength).toBe(32);
    region.detach();
    const { address } = region as Region & { address: bigint };
    region.view().fill(7);
    destroy(region);
    for (let i = 0; i < 12; i++) use(memory.allocate(32));
    expect(kernel.memory.table.get(Math.floor(Number(address) / PAGE))?.access).toBe(0);
    expect(kernel.memory.table.get(Math.floor(Number(address) / PAGE))?.locked).toBe(false);
  });

  test("P1: idle pages are bounded, and trim gives them back", () => {
    const kernel = new SimulatedKernel();
    const memory = MEMORIES[name](openKernel(kernel), { idleLength: 3 * PAGE });
    for (const region of Array.from({ length: 8 }, () => memory.allocate(32))) destroy(region);
    expect(kernel.lockedBytes).toBe(3 * PAGE);
    memory.trim();
    expect(kernel.lockedBytes).toBe(0);
  });

  test("vm.max_map_count: exhaustion is typed, with the remedy, and capacity foretold it", () => {
    const { kernel, memory } = open(name, { maxMapCount: 1100, lockLimit: 2 ** 40 });
    const { regions } = memory.capacity(32);
    const held: Region[] = [];
    const fail = () => {
      for (;;) held.push(memory.allocate(32));
    };
    expect(fail).toThrow(/vm.max_map_count is 1100, .* raise it with sysctl vm.max_map_count/);
    expect(code(fail)).toBe("ERR_LETHE_EXHAUSTED");
    expect(Math.abs(held.length - regions)).toBeLessThanOrEqual(1);
    expect(kernel.maps.length).toBeLessThanOrEqual(1100 - 1024);
    destroy(held.pop() as Region);
    held.push(memory.allocate(32));
    for (const region of held) destroy(region);
    memory.close();
    expect(kernel.memory.table.size).toBe(0);
  });

  test("close refuses while a region is live", () => {
    const { memory } = open(name);
    const region = memory.allocate(32);
    expect(code(() => memory.close())).toBe("ERR_LETHE_LEAK");
    destroy(region);
    memory.close();
    expect(code(() => memory.allocate(1))).toBe("ERR_LETHE_UNAVAILABLE");
  });
});

test("RLIMIT_MEMLOCK: pages beyond it say that they are not locked, and why", () => {
  const { kernel, memory } = open("pages", { lockLimit: 65536 });
  const { regions, locked } = memory.capacity(32);
  expect(regions).toBeGreaterThan(10_000);
  const held = Array.from({ length: 20 }, () => memory.allocate(32));
  const given = held.filter(({ guarantees }) => guarantees.locked.level === "enforced");
  expect(given).toHaveLength(15);
  expect(locked).toBe(15);
  expect(kernel.lockedBytes).toBe(15 * PAGE);
  expect(held.at(-1)?.guarantees.locked).toMatchObject({ level: "none" });
  expect(held.at(-1)?.guarantees.locked.evidence).toMatch(/RLIMIT_MEMLOCK is 65536.*ulimit -l/);
  expect(held.at(-1)?.guarantees["no-dump"].level).toBe("enforced");
  destroy(held[0] as Region);
  expect(memory.allocate(32).guarantees.locked.level).toBe("enforced");
});

test("RLIMIT_MEMLOCK: secretmem beyond it is exhausted, with the remedy", () => {
  const { kernel, memory } = open("secretmem", { lockLimit: 65536 });
  expect(memory.capacity(32)).toEqual({ regions: 15, locked: 15 });
  const held = Array.from({ length: 15 }, () => memory.allocate(32));
  expect(() => memory.allocate(32)).toThrow(/RLIMIT_MEMLOCK is 65536.*61440 are in use.*ulimit -l/);
  for (const region of held) destroy(region);
  // P2: what is idle in one size makes room for another.
  destroy(memory.allocate(12 * PAGE));
  expect(kernel.lockedBytes).toBeLessThanOrEqual(61440);
});

test("secretmem that the system refuses is unavailable, and leaves nothing", () => {
  const kernel = new SimulatedKernel({ secretmem: false });
  expect(() => openSecretmem(openKernel(kernel))).toThrow(/secretmem.*memfd_secret was refused/);
  expect(kernel.memory.table.size).toBe(0);
  expect(openPages(openKernel(kernel)).guarantees.hidden.level).toBe("none");
});

test("calls that answer success and do nothing are found out", () => {
  const { memory } = open("pages", { pretends: true });
  for (const name of ["locked", "no-dump", "no-fork"] as const) {
    expect(memory.guarantees[name]).toMatchObject({ level: "none", verified: false });
    expect(memory.allocate(32).guarantees[name].level).toBe("none");
  }
});

test("a platform without pages is unavailable", () => {
  const ffi = Object.assign(new SimulatedKernel(), { platform: "win32" });
  expect(code(() => openKernel(ffi))).toBe("ERR_LETHE_UNAVAILABLE");
});
