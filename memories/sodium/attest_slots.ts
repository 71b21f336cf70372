import { fillRandom } from "../../core/globals.ts";
import { offHeapBytes } from "../../core/mod.ts";
import type { Kernel } from "./kernel.ts";
import type { Mapping } from "./mappings.ts";
import type { SodiumSlot } from "./slot.ts";

/** Random bytes that the slots of a batch share: enough that no other page starts with them. */
const TOKEN_BYTES = 16;
/** The token and the slot's place in the batch. */
const MARKER_BYTES = TOKEN_BYTES + 4;

/**
 * Finds each slot in the kernel's table and notes what it says there.
 *
 * Neither JavaScript nor libsodium tells the address of a slot, so a random marker is written into
 * each, and looked for through `/proc/self/mem` in the open mappings of that size. A count (`VmLck`
 * before and after) would be cheaper and wrong when another thread locks at the same time.
 *
 * It reads the table until the last slot is found. The kernel hands out addresses downwards and
 * lists them upwards, so that new slots mostly stand before the old ones.
 *
 * A slot that is not found keeps its attestation `null`, and claims nothing.
 *
 * @param slots zero, open for writing, all of one size; they are zero again afterwards
 */
export function attestSlots(slots: readonly SodiumSlot[], kernel: Kernel, pageSize: number): void {
  const token = fillRandom(offHeapBytes(TOKEN_BYTES));
  slots.forEach((slot, index) => {
    new Uint8Array(slot.buffer).set(token);
    new DataView(slot.buffer).setUint32(TOKEN_BYTES, index);
  });
  try {
    let found = 0;
    let before: Mapping | undefined;
    let mapping: Mapping | undefined;
    for (const after of kernel.smaps()) {
      const slot = mapping && find(mapping, slots, token, kernel, pageSize);
      if (mapping !== undefined && slot !== undefined && slot.attestation === null) {
        slot.attestation = {
          address: mapping.start,
          locked: mapping.flags.has("lo"),
          notDumped: mapping.flags.has("dd"),
          guarded: fences(before, mapping, after),
        };
        if (++found === slots.length) return;
      }
      [before, mapping] = [mapping, after];
    }
  } finally {
    for (const slot of slots) new Uint8Array(slot.buffer).fill(0, 0, MARKER_BYTES);
  }
}

/** Whether `mapping` lies between two no-access ones, without a gap. */
function fences(
  before: Mapping | undefined,
  mapping: Mapping,
  after: Mapping | undefined,
): boolean {
  return (
    before?.permissions === "---p" &&
    before.end === mapping.start &&
    after?.permissions === "---p" &&
    after.start === mapping.end
  );
}

/** The slot of the marker that stands in `mapping`. What else may stand there is wiped unseen. */
function find(
  { start, end, permissions }: Mapping,
  slots: readonly SodiumSlot[],
  token: Uint8Array,
  kernel: Kernel,
  pageSize: number,
): SodiumSlot | undefined {
  const [{ pages, byteLength }] = slots as [SodiumSlot];
  if (permissions !== "rw-p" || end - start !== pages * pageSize) return;
  const bytes = kernel.read(end - byteLength, MARKER_BYTES);
  const { buffer, byteOffset } = bytes;
  const ours = bytes.length === MARKER_BYTES && token.every((byte, index) => byte === bytes[index]);
  const index = ours ? new DataView(buffer, byteOffset).getUint32(TOKEN_BYTES) : -1;
  bytes.fill(0);
  return slots[index];
}
