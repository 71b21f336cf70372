import { describe, expect, it } from "vitest";
import type { KernelCalls } from "./kernel_calls.ts";
import { Limits } from "./limits.ts";

/** What a process reads of itself. */
interface Facts {
  platform: string;
  lockLimit: number | null;
  addressLimits: readonly [number | null, number | null];
  files: Record<string, string>;
  pieces: readonly string[];
}

const STATUS = (fields: Readonly<Record<string, string>>): string =>
  ["Name:\tnode", ...Object.entries(fields).map(([name, value]) => `${name}:\t${value}`), ""].join(
    "\n",
  );

function limits(given: Partial<Facts> = {}): { readonly facts: Facts; readonly limits: Limits } {
  const facts: Facts = {
    platform: "linux",
    lockLimit: 65_536,
    addressLimits: [null, null],
    files: { "/proc/self/status": STATUS({ VmLck: "8 kB", CapEff: "0000000000000000" }) },
    pieces: ["a\n".repeat(100)],
    ...given,
  };
  const kernel: Partial<KernelCalls> = {
    pageSize: 4096,
    platform: facts.platform,
    lockLimit: () => facts.lockLimit,
    addressLimits: () => facts.addressLimits,
    readText: (path) => facts.files[path] ?? null,
    system: {
      readFile(path: string, use: (piece: Uint8Array<ArrayBuffer>) => unknown) {
        expect(path).toBe("/proc/self/maps");
        for (const piece of facts.pieces) use(new TextEncoder().encode(piece));
        return true;
      },
    } as never,
  };
  return { facts, limits: new Limits(kernel as KernelCalls) };
}

describe("locked memory", () => {
  it("is granted up to the limit, but for what others need, and told in words", () => {
    const { limits: own, facts } = limits();
    expect(own.locks.room()).toBe(65_536 - 4096 - 8192);
    expect(own.takeLock(65_536)).toBe(false);
    expect(own.explainLocks()).toBe(
      "RLIMIT_MEMLOCK is 65536 bytes, 8192 are in use and the last 4096 are left to others; raise it with ulimit -l, LimitMEMLOCK= (systemd) or --ulimit memlock (containers)",
    );
    expect(own.takeLock(53_248)).toBe(true);
    facts.files["/proc/self/status"] = STATUS({ VmLck: "60 kB", CapEff: "0" });
    expect(own.takeLock(4096)).toBe(false);
    own.giveLock(53_248);
    expect(own.takeLock(53_248)).toBe(true);
  });

  it("counts what is its own where the process cannot read itself", () => {
    const { limits: own } = limits({ files: {} });
    expect(own.locks.room()).toBe(61_440);
    expect(own.takeLock(20_480)).toBe(true);
    expect(own.locks.room()).toBe(40_960);
    own.giveLock(20_480);
    expect(own.locks.room()).toBe(61_440);
  });

  it("has no limit where none can be read, or where the capability lifts it, until that is refused", () => {
    for (const lockLimit of [null, Number.POSITIVE_INFINITY]) {
      const { limits: own } = limits({ lockLimit });
      expect([own.takeLock(2 ** 40), own.locks.room()]).toEqual([true, Number.POSITIVE_INFINITY]);
    }
    const able = STATUS({ VmLck: "8 kB", CapEff: "0000000000004000" });
    const { limits: own } = limits({ files: { "/proc/self/status": able } });
    expect(own.takeLock(2 ** 30)).toBe(true);
    expect(own.locks.room()).toBe(Number.POSITIVE_INFINITY);
    own.lockWasRefused(2 ** 30);
    expect(own.locks.room()).toBe(53_248);
    expect([own.takeLock(57_344), own.takeLock(53_248)]).toEqual([false, true]);
    const others = STATUS({ VmLck: "8 kB", CapEff: "ffffffffffffbfff" });
    expect(limits({ files: { "/proc/self/status": others } }).limits.locks.room()).toBe(53_248);
    const silent = STATUS({ CapEff: "0" });
    expect(limits({ files: { "/proc/self/status": silent } }).limits.locks.room()).toBe(61_440);
  });

  it("of which the system refuses one that is within the limit says so", () => {
    const { limits: own } = limits({ lockLimit: null });
    own.takeLock(4096);
    expect(own.explainLocks()).not.toContain("RLIMIT_MEMLOCK");
  });
});

describe("mappings", () => {
  const max = (count: number) => ({ "/proc/sys/vm/max_map_count": `${count}\n` });

  it("are the lines of a file that comes in pieces", () => {
    const { limits: own } = limits({ files: max(5000), pieces: ["", "a", "\nb\n", "\n\nc"] });
    expect(own.mappings.room()).toBe(5000 - 1024 - 4);
    expect(own.mappings.take(4000)).toBe(false);
    expect(own.explainMappings()).toBe(
      "vm.max_map_count is 5000, 4 mappings are in use and the last 1024 are left to others; raise it with sysctl vm.max_map_count, or seal secrets that are idle",
    );
    expect(limits({ files: {} }).limits.mappings.room()).toBe(65_530 - 4095 - 100);
  });

  it("have no limit elsewhere", () => {
    const { limits: own } = limits({ platform: "darwin" });
    expect(own.mappings.room()).toBe(Number.POSITIVE_INFINITY);
    expect(own.explainMappings()).toBe("the system refused to map more memory");
    expect(own.explainUsedUpMappings()).toBe(null);
  });

  it("are used up when a request could not be split any more", () => {
    const pieces = ["a\n".repeat(96)];
    expect(limits({ files: max(101), pieces }).limits.explainUsedUpMappings()).toBe(null);
    expect(limits({ files: max(100), pieces }).limits.explainUsedUpMappings()).toBe(
      "vm.max_map_count is 100, and 96 mappings are in use; raise it with sysctl vm.max_map_count, or seal secrets that are idle",
    );
  });
});

describe("addresses", () => {
  const explain = (space: number | null, data: number | null, fields: Record<string, string>) =>
    limits({
      addressLimits: [space, data],
      files: { "/proc/self/status": STATUS(fields) },
    }).limits.explainUsedUpAddresses();
  const used = { VmSize: "20000 kB", VmData: "10000 kB" };

  it("are used up where a large request would not fit under one of the limits", () => {
    const large = 2 ** 23;
    const [size, data] = [20_000 * 1024 + large, 10_000 * 1024 + large];
    expect(explain(null, null, used)).toBe(null);
    expect(explain(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, used)).toBe(null);
    expect(explain(size + 1, data + 1, used)).toBe(null);
    expect(explain(size, data + 1, used)).toBe(
      `RLIMIT_AS is ${size} bytes and 20480000 are in use; raise it with ulimit -v`,
    );
    expect(explain(null, data, used)).toBe(
      `RLIMIT_DATA is ${data} bytes and 10240000 are in use; raise it with ulimit -d`,
    );
  });

  it("are named where it cannot be read how many are in use", () => {
    expect(explain(2 ** 40, null, {})).toBe(
      `RLIMIT_AS is ${2 ** 40} bytes; raise it with ulimit -v`,
    );
    const { limits: own } = limits({ addressLimits: [null, 2 ** 40], files: {} });
    expect(own.explainUsedUpAddresses()).toBe(
      `RLIMIT_DATA is ${2 ** 40} bytes; raise it with ulimit -d`,
    );
  });
});
