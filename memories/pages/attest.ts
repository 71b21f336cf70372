import { LetheError } from "../../core/contract/errors.ts";
import {
  type Guarantee,
  type Guarantees,
  guarantees,
  notGiven,
  unverified,
  verified,
} from "../../core/contract/guarantees.ts";
import { type Mapping, mappingAt } from "../../system/proc.ts";
import type { Kernel } from "./kernel.ts";
import { CANARY_LENGTH } from "./layout.ts";
import { probeBytes } from "./probe_bytes.ts";
import type { Reference } from "./reference.ts";
import type { GuardedRegion } from "./region.ts";

/** Short, so that the slot has its usual size; not a multiple of anything. */
const PROBE_LENGTH = 33;

/**
 * Tries a memory out, on regions of its own, and reads what the kernel lists about them.
 *
 * Access is read from `/proc/self/maps` in each of the three protections and, with the flags of
 * the pages, from `/proc/self/smaps`; what happens to the bytes is tried on the bytes. Where a
 * system does not list its mappings, the guarantees that rest on that are `unverified`.
 */
export function attest(
  kernel: Kernel,
  reference: Reference,
  allocate: (byteLength: number) => GuardedRegion,
): Guarantees {
  const region = allocate(PROBE_LENGTH);
  try {
    const rest = listed(kernel, "maps", region);
    region.protect("read-only");
    const readable = listed(kernel, "maps", region);
    region.protect("read-write");
    const writable = listed(kernel, "smaps", region);
    const given = {
      ...probeBytes(kernel, reference, region),
      "access-trap": traps(rest, "---", "at rest"),
      "write-trap": traps(readable, "r--", "while read-only"),
      "guard-pages": fenced(writable),
      locked: flagged(region, writable, "locked", ["lo"]),
      "no-dump": flagged(region, writable, "no-dump", ["dd"]),
      "no-fork": flagged(region, writable, "no-fork", ["dc", "wf"]),
    };
    return guarantees({ ...given, canary: probeCanary(kernel, allocate(PROBE_LENGTH)) });
  } finally {
    region.release();
  }
}

/** A region between its neighbours, as the system lists them. */
interface Listed {
  readonly before: Mapping;
  readonly here: Mapping;
  readonly after: Mapping;
}

function listed(kernel: Kernel, file: "maps" | "smaps", region: GuardedRegion): Listed | null {
  const { address, size } = region.slot;
  const mappings = kernel.mappings(file, address - 1n, address + size + 1n) ?? [];
  const before = mappingAt(mappings, address - 1n);
  const here = mappingAt(mappings, address);
  const after = mappingAt(mappings, address + size);
  return before === undefined || here === undefined || after === undefined
    ? null
    : { before, here, after };
}

const UNLISTED = unverified("enforced", "the system does not list its mappings");

function traps(listed: Listed | null, access: string, when: string): Guarantee {
  if (listed === null) return UNLISTED;
  const found = listed.here.access;
  const evidence = `/proc/self/maps shows the pages as ${found} ${when}`;
  return found.startsWith(access) ? verified(evidence) : notGiven(evidence);
}

function fenced(listed: Listed | null): Guarantee {
  if (listed === null) return UNLISTED;
  const { before, here, after } = listed;
  const evidence = `/proc/self/maps shows ${before.access} | ${here.access} | ${after.access} while read-write`;
  const closed = before.access.startsWith("---") && after.access.startsWith("---");
  return closed && here.access.startsWith("rw-") ? verified(evidence) : notGiven(evidence);
}

function flagged(
  region: GuardedRegion,
  listed: Listed | null,
  name: "locked" | "no-dump" | "no-fork",
  flags: readonly string[],
): Guarantee {
  const { weakness } = region.slot;
  if (weakness?.[name] !== undefined) return notGiven(weakness[name]);
  if (listed === null) return UNLISTED;
  const evidence = `/proc/self/smaps shows VmFlags: ${listed.here.flags.join(" ")}`;
  const present = flags.some((flag) => listed.here.flags.includes(flag));
  return present ? verified(evidence) : notGiven(`${evidence}, without ${flags.join(" or ")}`);
}

/** Damages the canary of a region, and releases it. */
function probeCanary(kernel: Kernel, region: GuardedRegion): Guarantee {
  const length = BigInt(CANARY_LENGTH);
  let reported = false;
  try {
    region.protect("read-write");
    kernel.zero(region.address - length, length);
  } finally {
    reported = isReported(region);
  }
  return reported
    ? verified("a canary that a probe overwrote was reported on release")
    : notGiven("a canary that a probe overwrote was not reported on release");
}

function isReported(region: GuardedRegion): boolean {
  try {
    region.release();
    return false;
  } catch (error) {
    if (error instanceof LetheError && error.code === "ERR_LETHE_CANARY") return true;
    throw error;
  }
}
