import type { Ffi, Symbols } from "../../../system/ffi.ts";
import type { LinuxLibc } from "../../../system/libc.ts";
import { PAGE, type Page, SimulatedFault, SimulatedPages } from "./simulated_pages.ts";

const FAILED = 0xffff_ffff_ffff_ffffn;
const ERRNO_ADDRESS = 0x1000n;

/** What this machine is like. */
export interface Machine {
  lockLimit: number;
  maxMapCount: number;
  secretmem: boolean;
  /** Older kernels: a mapping that was to replace another and failed leaves a hole there. */
  holes: boolean;
  /** Another thread maps something into every hole at once. */
  squatter: boolean;
  /** mlock and madvise answer that it is done, and do nothing. */
  pretends: boolean;
  /** Memory that does not take what is written: memset does nothing. */
  stubborn: boolean;
  /** The thread that calls, and those that have ended. */
  thread: number;
  readonly ended: Set<number>;
  /** Numbers that later threads have got. */
  readonly reused: Set<number>;
  /** Decides whether the call with this number and name fails. */
  fails: (call: number, name: string) => boolean;
}

/** A Linux that keeps books: what is mapped, locked, open. Faults where a real one would kill. */
export class SimulatedKernel implements Ffi {
  readonly platform: string = "linux";
  readonly machine: Machine;
  readonly memory: SimulatedPages = new SimulatedPages();
  readonly calls: string[] = [];
  readonly #errno = new Int32Array(1);
  readonly #files = new Map<number, { text: Uint8Array; at: number } | "mem" | "secret">();
  #names = 3;

  constructor(machine: Partial<Machine> = {}) {
    this.machine = {
      ...{ lockLimit: 2 ** 23, maxMapCount: 65530, secretmem: true, holes: false },
      ...{ thread: 1, ended: new Set<number>(), reused: new Set<number>() },
      ...{ squatter: false, stubborn: false, pretends: false, fails: () => false, ...machine },
    };
  }

  open<S>(_library: string, _signatures: unknown): Symbols<never> & S {
    return this.#libc() as unknown as Symbols<never> & S;
  }

  viewAt(address: bigint, byteLength: number): ArrayBuffer {
    if (address === ERRNO_ADDRESS) return this.#errno.buffer;
    return this.memory.alias(Number(address), byteLength);
  }

  get openFiles(): number {
    return this.#files.size;
  }

  get lockedBytes(): number {
    return [...this.memory.table.values()].filter((page) => page.locked).length * PAGE;
  }

  /** Lines of /proc/self/maps: neighbours that are alike are one mapping. */
  get maps(): string[] {
    const lines: string[] = [];
    let last = { end: -1, key: "", start: 0, page: undefined as Page | undefined };
    const flush = () => last.page && lines.push(line(last.start, last.end, last.page));
    for (const index of [...this.memory.table.keys()].sort((a, b) => a - b)) {
      const page = this.memory.table.get(index) as Page;
      const key = [page.kind, page.file, page.access, page.locked, page.dontDump, page.dontFork];
      if (last.end === index && last.key === key.join()) last.end++;
      else {
        flush();
        last = { start: index, end: index + 1, key: key.join(), page };
      }
    }
    flush();
    return lines;
  }

  #fail(errno: number): -1 {
    this.#errno[0] = errno;
    return -1;
  }

  /** Counts a call, and whether it is one that fails. */
  #faulty(name: string): boolean {
    this.calls.push(name);
    if (!this.machine.fails(this.calls.length - 1, name)) return false;
    this.#errno[0] = 12;
    return true;
  }

  #libc(): LinuxLibc {
    const { memory, machine } = this;
    const each = (a: bigint, n: bigint, name: string, change: (page: Page) => void): number => {
      if (this.#faulty(name)) return -1;
      if (machine.pretends && name !== "mprotect") return 0;
      const pages = memory.pages(Number(a), Number(n));
      if (pages === null) return this.#fail(12);
      const before = pages.map((page) => ({ ...page }));
      for (const page of pages) change(page);
      // There are never more mappings than pages, and counting them takes long.
      const few = memory.table.size <= machine.maxMapCount;
      if (this.lockedBytes <= machine.lockLimit && (few || this.maps.length <= machine.maxMapCount))
        return 0;
      for (const [i, page] of pages.entries()) Object.assign(page, before[i]);
      return this.#fail(12);
    };
    const random = (bytes: Uint8Array<ArrayBuffer>, n: bigint): bigint => {
      if (this.#faulty("getrandom")) return -1n;
      bytes.set(bytes.map(() => 1 + Math.floor(Math.random() * 255)));
      return n;
    };
    return {
      sysconf: () => (this.#faulty("sysconf") ? -1n : BigInt(PAGE)),
      mmap: (address, length, _access, flags, fd) => {
        const fixed = (flags & 0x10) !== 0;
        const unless = (flags & 0x100000) !== 0;
        const at = fixed || unless ? Number(address) : memory.find(Number(length));
        const lockable = fd < 0 || this.lockedBytes + Number(length) <= machine.lockLimit;
        if (this.#faulty("mmap") || !lockable) {
          if (fixed && machine.holes) memory.unmap(at, Number(length));
          if (fixed && machine.holes && machine.squatter)
            memory.map(at, Number(length), "foreign", 0);
          return FAILED;
        }
        if (unless && memory.range(at, Number(length)).some((index) => memory.table.has(index))) {
          return FAILED;
        }
        memory.map(at, Number(length), fd < 0 ? "reserved" : "secret", fd < 0 ? 0 : this.#names++);
        return BigInt(at);
      },
      munmap: (address, length) => {
        if (this.#faulty("munmap")) return -1;
        memory.unmap(Number(address), Number(length));
        return 0;
      },
      mprotect: (a, n, access) =>
        each(a, n, "mprotect", (page) => {
          page.access = Number(access) as Page["access"];
        }),
      mlock: (a, n) =>
        each(a, n, "mlock", (page) => {
          page.locked = true;
        }),
      madvise: (a, n, advice) =>
        each(a, n, "madvise", (page) => {
          if (advice === 16) page.dontDump = true;
          if (advice === 10 || advice === 18) page.dontFork = true;
        }),
      getrlimit: (_resource, into) => {
        if (this.#faulty("getrlimit")) return -1;
        new BigUint64Array(into.buffer)[0] = BigInt(machine.lockLimit);
        return 0;
      },
      memset: (a, byte, n) => {
        if (machine.stubborn) return undefined;
        memory.store(Number(a), new Uint8Array(Number(n)).fill(Number(byte)));
        return undefined;
      },
      memcpy: (to, from, n) => {
        memory.store(Number(to), memory.load(Number(from), Number(n)));
        return undefined;
      },
      memcmp: (a, b, n) => {
        const other = memory.load(Number(b), Number(n));
        return memory.load(Number(a), Number(n)).every((byte, i) => byte === other[i]) ? 0 : 1;
      },
      __errno_location: () => ERRNO_ADDRESS,
      // The C library may keep a state of its own. Where the number of the call is known, it is not asked.
      getrandom: () => {
        throw new SimulatedFault("asked the C library for random bytes");
      },
      open: (path) => {
        if (this.#faulty("open")) return -1;
        const name = new TextDecoder().decode(path.subarray(0, -1));
        const task = /^\/proc\/self\/task\/(\d+)\//.exec(name)?.[1];
        if (task !== undefined && machine.ended.has(Number(task))) return this.#fail(2);
        return this.#add(name === "/proc/self/mem" ? "mem" : { text: this.#text(name), at: 0 });
      },
      read: (fd, into, n) => {
        const file = this.#files.get(fd);
        if (this.#faulty("read") || typeof file !== "object") return -1n;
        const piece = file.text.subarray(file.at, file.at + Number(n));
        into.set(piece);
        file.at += piece.byteLength;
        return BigInt(piece.byteLength);
      },
      pread: (_fd, into, n, offset) => {
        const page = memory.table.get(Math.floor(Number(offset) / PAGE));
        if (this.#faulty("pread") || page?.kind !== "reserved") return -1n;
        into.set(memory.load(Number(offset), Number(n), 0));
        return n;
      },
      close: (fd) => {
        // As on Linux: whatever close answers, the descriptor is gone.
        this.#files.delete(fd);
        return this.#faulty("close") ? -1 : 0;
      },
      prctl: () => 0,
      ftruncate: () => (this.#faulty("ftruncate") ? -1 : 0),
      syscall: (number, given, byteLength?: bigint) => {
        const flags = given as unknown as bigint | Uint8Array<ArrayBuffer>;
        if (typeof flags === "object") return random(flags, byteLength ?? 0n);
        if (number !== 447n || flags !== 0o2000000n) throw new SimulatedFault("not CLOEXEC");
        if (this.#faulty("memfd_secret")) return -1n;
        return BigInt(machine.secretmem ? this.#add("secret") : this.#fail(38));
      },
    };
  }

  #add(file: { text: Uint8Array; at: number } | "mem" | "secret"): number {
    const fd = this.#names++;
    this.#files.set(fd, file);
    return fd;
  }

  #text(path: string): Uint8Array {
    const { machine } = this;
    const status = `CapEff:\t0000000000000000\nVmLck:\t${this.lockedBytes / 1024} kB\n`;
    const task = /^\/proc\/self\/task\/(\d+)\/stat$/.exec(path)?.[1];
    const started = (id: number) => id * 100 + (machine.reused.has(id) ? 1 : 0);
    const stat = (id: number) => `${id} (a ) b) S ${"0 ".repeat(18)}${started(id)} 0\n`;
    if (task !== undefined) return new TextEncoder().encode(stat(Number(task)));
    const texts: Readonly<Record<string, string>> = {
      "/proc/thread-self/stat": stat(machine.thread),
      "/proc/self/status": status,
      "/proc/self/maps": this.maps.map((entry) => `${entry.split("\n")[0]}\n`).join(""),
      "/proc/self/smaps": this.maps.join(""),
      "/proc/sys/vm/max_map_count": `${this.machine.maxMapCount}\n`,
    };
    return new TextEncoder().encode(texts[path] ?? "");
  }
}

function line(start: number, end: number, page: Page): string {
  const hex = (index: number) => (index * PAGE).toString(16);
  const access = page.kind === "foreign" ? "rw-" : ["---", "r--", "", "rw-"][page.access];
  const flags = [page.locked && "lo", page.dontFork && "dc", page.dontDump && "dd"];
  const name = page.kind === "secret" ? `/secretmem (deleted)` : "";
  return `${hex(start)}-${hex(end)} ${access}p 00000000 00:00 0 ${name}\nVmFlags: ${flags.filter(Boolean).join(" ")}\n`;
}
