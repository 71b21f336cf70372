import {
  type Guarantee,
  type Guarantees,
  guarantees,
  notGiven,
  unverified,
  verified,
} from "../../core/mod.ts";
import type { Kernel, Mapping } from "./mappings.ts";
import type { Attestation, Slot } from "./slot.ts";

/** The tables of sodium regions: of those that are locked, of the others, and of the unattested. */
export interface SodiumTables {
  readonly locked: Guarantees;
  readonly unlocked: Guarantees;
  readonly unattested: Guarantees;
}

/** Picks the table of a region in a slot with this attestation. */
export function tableFor(tables: SodiumTables, attestation: Attestation | null): Guarantees {
  if (attestation === null) return tables.unattested;
  return attestation.locked ? tables.locked : tables.unlocked;
}

/**
 * Takes one slot through its protections and reads after each what the kernel has for it, so that
 * the traps and the guard pages are seen, not assumed.
 *
 * @param slot closed and empty; it is closed again when this returns
 * @param reason why the kernel cannot be asked, when `kernel` is `null`
 */
export function sodiumTables(slot: Slot, kernel: Kernel | null, reason: string): SodiumTables {
  const seen =
    kernel === null || slot.attestation === null ? null : look(slot, slot.attestation, kernel);
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
        : verified(`lies in a mapping of its own, ${seen.range}`),
    "access-trap": judge(seen?.closed, `maps at rest: ${seen?.atRest}`),
    "write-trap": judge(seen?.readOnly, `maps while exposed: ${seen?.exposed}`),
    "guard-pages": judge(seen?.guarded, `maps: ${seen?.guards}`),
    canary: unverified("enforced", "16 random bytes before the data, compared when it is wiped"),
    "no-dump":
      slot.attestation === null
        ? unverified("best-effort", `libsodium asks for MADV_DONTDUMP; ${reason}`)
        : judge(slot.attestation.notDumped, "smaps: VmFlags dd"),
    "no-fork": notGiven("libsodium does not ask for it"),
    hidden: notGiven("root and ptrace can read the pages; memfd_secret memory has it"),
  };
  return {
    locked: guarantees({ ...common, locked: verified("smaps: VmFlags lo") }),
    unlocked: guarantees({
      ...common,
      locked: notGiven("mlock failed, smaps has no lo among the VmFlags of its pages"),
    }),
    unattested: guarantees({
      ...common,
      locked: unverified("best-effort", `libsodium tries mlock and does not tell; ${reason}`),
    }),
  };
}

interface Seen {
  readonly range: string;
  readonly atRest: string;
  readonly exposed: string;
  readonly guards: string;
  readonly closed: boolean;
  readonly readOnly: boolean;
  readonly guarded: boolean;
}

function look(slot: Slot, { address }: Attestation, kernel: Kernel): Seen {
  const at = (mappings: readonly Mapping[]): number =>
    mappings.findIndex(({ start, end }) => start <= address && address < end);
  const rest = kernel.maps();
  const atRest = rest[at(rest)];
  slot.protect("read-only");
  const open = kernel.maps();
  const index = at(open);
  const [before, exposed, after] = [open[index - 1], open[index], open[index + 1]];
  slot.protect("no-access");
  const last = address + slot.byteLength;
  return {
    range: print(exposed),
    atRest: print(atRest),
    exposed: print(exposed),
    guards: `${print(before)} and ${print(after)}`,
    closed: atRest?.permissions === "---p" && atRest.end >= last,
    readOnly: exposed?.permissions === "r--p" && exposed.start === address,
    guarded:
      before?.permissions === "---p" &&
      before.end === exposed?.start &&
      after?.permissions === "---p" &&
      after.start === exposed.end,
  };
}

function print(mapping: Mapping | undefined): string {
  if (mapping === undefined) return "no mapping";
  return `${mapping.start.toString(16)}-${mapping.end.toString(16)} ${mapping.permissions}`;
}
