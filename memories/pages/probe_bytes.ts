import {
  type Guarantee,
  type Guarantees,
  notGiven,
  unverified,
  verified,
} from "../../core/contract/guarantees.ts";
import type { Kernel } from "./kernel.ts";
import type { Reference } from "./reference.ts";
import type { GuardedRegion } from "./region.ts";

/** What only the bytes themselves can tell. The region is read-write, and wiped afterwards. */
export function probeBytes(
  kernel: Kernel,
  reference: Reference,
  region: GuardedRegion,
): Partial<Guarantees> {
  const size = BigInt(region.byteLength);
  const isZero = () => reference.isZero(region.address, size);
  const first = region.view();
  const { buffer } = first;
  first.fill(0xa5);
  const inPlace = !isZero();
  const hidden = probeHidden(kernel, reference, region);
  region.detach();
  const detached = first.byteLength === 0 && buffer.byteLength === 0;
  // Written through the buffer that the detached one became: it must be the same memory.
  region.view().fill(0);
  const moved = isZero();
  region.view().fill(0x5a);
  region.wipe();
  const wiped = region.view().every((byte) => byte === 0);
  region.detach();
  return {
    "detached-views": given(detached, "a view and its buffer had length 0 after detach"),
    "off-heap": given(
      inPlace && moved,
      "what a view wrote was read at the address of the pages, before and after detach",
    ),
    "wiped-on-destroy": given(wiped, "a wipe was read back as zeros"),
    hidden,
  };
}

function given(holds: boolean, what: string): Guarantee {
  return holds ? verified(what) : notGiven(`not so: ${what}`);
}

/**
 * Reads the open pages through `/proc/self/mem`, which is what a debugger and root use. That the
 * same read works on an ordinary page shows that the refusal is for these pages.
 */
function probeHidden(kernel: Kernel, reference: Reference, region: GuardedRegion): Guarantee {
  const bytes = new Uint8Array(new ArrayBuffer(16));
  const here = kernel.system.readAsDebugger(region.address, bytes);
  const reason = kernel.errnoName();
  if (here > 0) return notGiven("a read of the pages through /proc/self/mem gave them");
  const ordinary = kernel.system.readAsDebugger(reference.zeros, bytes);
  if (here === -1 && ordinary === bytes.byteLength) {
    return verified(
      `a read of the pages through /proc/self/mem was refused (${reason}), the same read of an ordinary page gave ${ordinary} bytes`,
    );
  }
  return unverified("best-effort", "/proc/self/mem cannot be read here");
}
