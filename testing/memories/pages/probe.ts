// Run by runtimes.test.ts in each runtime: probe.ts <memory> <what> [library].
import type { Region } from "../../../core/contract/memory.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";
import {
  type GuardedMemory,
  openKernel,
  openPages,
  openSecretmem,
} from "../../../memories/pages/mod.ts";
import type { Ffi } from "../../../system/ffi.ts";
import { programArguments, runtimeFfi, say } from "./runtime.ts";

type Located = Region & { readonly address: bigint };

const [name, what, library] = programArguments();
const ffi = await runtimeFfi();
const kernel = openKernel(ffi);
const memory = name === "secretmem" ? openSecretmem(kernel) : openPages(kernel);

/** Touches memory as a stray pointer would: past every check of the runtime. */
const raw = ffi.open("libc.so.6", {
  memcmp: { parameters: ["usize", "usize", "usize"], result: "i32" },
  memset: { parameters: ["usize", "i32", "usize"], result: "void" },
} as const);
const peek = (address: bigint) => raw.memcmp(address, address + 1n, 1n);
const poke = (address: bigint) => raw.memset(address, 1, 1n);

function filled(byteLength = 32): Located {
  const region = memory.allocate(byteLength) as Located;
  region.protect("read-write");
  region.view().fill(0xa5);
  region.detach();
  region.protect("no-access");
  return region;
}

function destroy(region: Region): void {
  region.protect("read-write");
  region.wipe();
  region.detach();
  region.protect("no-access");
  region.release();
}

const PROBES: Readonly<Record<string, (memory: GuardedMemory, ffi: Ffi) => unknown>> = {
  guarantees: () => memory.guarantees,

  "read at rest": () => peek(filled().address),

  "write while read-only": () => {
    const region = filled();
    region.protect("read-only");
    peek(region.address);
    say("readable");
    poke(region.address);
  },

  "one byte past the end": () => {
    const region = filled();
    region.protect("read-write");
    poke(region.address + 31n);
    say("writable up to the end");
    poke(region.address + 32n);
  },

  "one byte past the end of a page": () => {
    const region = filled(4096);
    region.protect("read-write");
    poke(region.address + 4095n);
    say("writable up to the end");
    poke(region.address + 4096n);
  },

  "read after release": () => {
    const region = filled();
    const { address } = region;
    destroy(region);
    peek(address);
  },

  // Whoever took the buffer away meets closed pages, not the next secret.
  "read through a stolen buffer": () => {
    const region = filled();
    region.protect("read-only");
    const stolen = new Uint8Array(region.view().buffer.transfer());
    region.detach();
    destroy(region);
    for (let i = 0; i < 40; i++) filled().protect("read-only");
    say("others are open");
    say(stolen[0]);
  },

  underflow: () => {
    const codes = [1, 32, 4080, 4096, 8192].map((byteLength) => {
      const region = filled(byteLength);
      region.protect("read-write");
      // The byte before the first may happen to be 1 already.
      raw.memset(region.address - 1n, peek(region.address - 1n) === 0 ? 2 : 0xa5, 1n);
      try {
        destroy(region);
        return "released";
      } catch (error) {
        return (error as { code?: string }).code;
      }
    });
    return codes;
  },

  fork: () => {
    const region = filled();
    region.protect("read-write");
    const { touch_in_child: touch } = ffi.open(library ?? "", {
      touch_in_child: { parameters: ["usize", "i32"], result: "i32" },
    } as const);
    const ordinary = [touch(0n, 0), touch(0n, 1)];
    const secret = [touch(region.address, 0), touch(region.address, 1)];
    return { ordinary, secret, intact: region.view().every((byte) => byte === 0xa5) };
  },

  /** As many secrets as it is told, in one turn of the event loop, after a tenth of them to warm up. */
  loop: () => {
    const rounds = Number(library);
    const rss = () => {
      const match = /VmRSS:\s+(\d+)/.exec(kernel.readText("/proc/self/status") ?? "");
      return Number(match?.[1]);
    };
    const secrets = openSecrets({ memory });
    // One of ten is written to: the rest is never opened, and lives for its time in the books alone.
    const cycle = (round: number) => {
      const secret = secrets.allocate(32);
      if (round % 10 === 0) secret.modify((bytes) => bytes.fill(1));
      secret.destroy();
    };
    for (let i = 0; i < rounds / 10; i++) cycle(i);
    const before = rss();
    for (let i = 0; i < (rounds * 9) / 10; i++) cycle(i);
    return { before, after: rss() };
  },

  /** As many regions as it is told, all live at once. */
  many: () => {
    const lines = () => kernel.readText("/proc/self/maps")?.split("\n").length ?? 0;
    const locked = () =>
      Number(/VmLck:\s+(\d+)/.exec(kernel.readText("/proc/self/status") ?? "")?.[1]);
    const before = { maps: lines(), locked: locked() };
    const held = Array.from({ length: Number(library) }, () => filled());
    const after = { maps: lines(), locked: locked() };
    const [lowest] = [...held].sort((a, b) => (a.address < b.address ? -1 : 1));
    for (const region of held) destroy(region);
    memory.close();
    const end = { maps: lines(), locked: locked() };
    return { before, after, end, lowest: lowest?.address };
  },

  /** Run without privileges and with little to lock. */
  limited: () => {
    const capacity = memory.capacity(32);
    const held: Region[] = [];
    let refusal = "";
    try {
      for (let i = 0; i < 40; i++) held.push(filled());
    } catch (error) {
      refusal = String(error);
    }
    const status = kernel.readText("/proc/self/status") ?? "";
    const locked = held.filter(({ guarantees }) => guarantees.locked.level === "enforced").length;
    const last = held.at(-1)?.guarantees.locked;
    return {
      capacity,
      held: held.length,
      locked,
      last,
      refusal,
      VmLck: /VmLck:.*/.exec(status)?.[0],
    };
  },

  random: () => {
    const region = memory.allocate(1000) as Located;
    region.protect("read-write");
    memory.randomize(region.view());
    return new Set(region.view()).size;
  },
};

say(PROBES[what ?? ""]?.(memory, ffi) ?? "survived");
