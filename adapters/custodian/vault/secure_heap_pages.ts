import { readFileSync } from "node:fs";

/**
 * What the kernel says of the arena of OpenSSL's secure heap: OpenSSL asks for its lock and goes on
 * without it. To be asked before the process is hardened, which closes its own tables to it.
 *
 * @param total size of the secure heap in bytes
 */
export function secureHeapPages(total: number): string {
  try {
    const areas = readFileSync("/proc/self/smaps", "latin1").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
    for (const area of areas) {
      const [, start = "0", end = "0"] = /^([0-9a-f]+)-([0-9a-f]+) rw-p/.exec(area) ?? [];
      const [, flags = ""] = /^VmFlags:(.*)$/m.exec(area) ?? [];
      const whole = BigInt(`0x${end}`) - BigInt(`0x${start}`) === BigInt(total);
      if (whole && /\blo\b/.test(flags)) {
        return /\bdd\b/.test(flags) ? "locked and not dumped (smaps: lo dd)" : "locked (smaps: lo)";
      }
    }
    return "not locked: no area of its size has the flag lo in smaps; see ulimit -l";
  } catch {
    return "not known to be locked: /proc/self/smaps cannot be read";
  }
}
