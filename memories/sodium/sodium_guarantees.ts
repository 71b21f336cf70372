import {
  type Guarantee,
  type Guarantees,
  guarantees,
  notGiven,
  unverified,
  verified,
} from "../../core/mod.ts";
import type { Kernel } from "./kernel.ts";
import type { Mapping } from "./mappings.ts";
import type { Attestation, SodiumSlot } from "./slot.ts";

/** Picks the table of a region in a slot with this attestation. The same answers share one. */
export type SodiumTables = (attestation: Attestation | null) => Guarantees;

/**
 * Takes one slot through its protections and reads after each what the kernel has for it, so that
 * the traps are seen, not assumed. What can differ from slot to slot (locked, not dumped, guard
 * pages) follows each slot's own attestation.
 *
 * @param slot closed and empty; it is closed again when this returns
 * @param reason why the kernel cannot be asked, when `kernel` is `null`
 */
export function sodiumTables(
  slot: SodiumSlot,
  kernel: Kernel | null,
  reason: string,
): SodiumTables {
  const seen = look(slot, kernel);
  const judge = (holds: boolean | undefined, evidence: string): Guarantee => {
    if (holds === undefined) return unverified("enforced", reason);
    return holds ? verified(evidence) : notGiven(`the kernel's tables say otherwise: ${evidence}`);
  };
  const common: Partial<Guarantees> = {
    "detached-views": unverified("enforced", "ArrayBuffer.prototype.transfer detaches"),
    "wiped-on-destroy": unverified("enforced", "overwritten and read back"),
    "off-heap":
      seen === null
        ? unverified("enforced", reason)
        : verified(`a probe lies in a separate mapping, ${seen.range}`),
    "access-trap": judge(seen?.closed, `maps of a probe at rest: ${seen?.atRest}`),
    "write-trap": judge(seen?.readOnly, `maps of a probe while exposed: ${seen?.exposed}`),
    canary: unverified("enforced", "16 random bytes before the data, compared when it is wiped"),
    "no-fork": notGiven("libsodium does not ask for it"),
    hidden: notGiven("root and ptrace can read the pages; memfd_secret memory has it"),
  };
  const unattested = guarantees({
    ...common,
    "guard-pages": unverified("enforced", reason),
    locked: unverified("best-effort", `libsodium tries mlock and does not tell; ${reason}`),
    "no-dump": unverified("best-effort", `libsodium asks for MADV_DONTDUMP; ${reason}`),
  });
  const made: Guarantees[] = [];
  return (attestation) => {
    if (attestation === null) return unattested;
    const { locked, notDumped, guarded } = attestation;
    const index = Number(locked) + 2 * Number(notDumped) + 4 * Number(guarded);
    made[index] ??= guarantees({
      ...common,
      "guard-pages": judge(guarded, "smaps: ---p directly before and after its pages"),
      locked: locked
        ? verified("smaps: VmFlags lo")
        : notGiven(`smaps has no lo among the VmFlags of its pages: mlock failed${why(kernel)}`),
      "no-dump": judge(notDumped, "smaps: VmFlags dd"),
    });
    return made[index];
  };
}

/** Why mlock failed, as it looks when the first such slot is seen. */
function why(kernel: Kernel | null): string {
  try {
    return kernel === null ? "" : `; ${kernel.explainLocks()}`;
  } catch {
    return ""; // Nobody can be asked.
  }
}

interface Seen {
  readonly range: string;
  readonly atRest: string;
  readonly exposed: string;
  readonly closed: boolean;
  readonly readOnly: boolean;
}

/** `null` when the kernel does not answer. */
function look(slot: SodiumSlot, kernel: Kernel | null): Seen | null {
  if (kernel === null || slot.attestation === null) return null;
  const { address } = slot.attestation;
  const last = address + slot.byteLength;
  try {
    const atRest = mappingAt(kernel, address);
    slot.protect("read-only");
    const exposed = mappingAt(kernel, address);
    return {
      range: print(exposed),
      atRest: print(atRest),
      exposed: print(exposed),
      closed: atRest?.permissions === "---p" && atRest.end >= last,
      readOnly: exposed?.permissions === "r--p" && exposed.start === address && exposed.end >= last,
    };
  } catch {
    return null;
  } finally {
    slot.protect("no-access");
  }
}

function mappingAt(kernel: Kernel, address: number): Mapping | undefined {
  for (const mapping of kernel.maps()) {
    if (mapping.start <= address && address < mapping.end) return mapping;
  }
  return undefined;
}

function print(mapping: Mapping | undefined): string {
  if (mapping === undefined) return "no mapping";
  return `${mapping.start.toString(16)}-${mapping.end.toString(16)} ${mapping.permissions}`;
}
