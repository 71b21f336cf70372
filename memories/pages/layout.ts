/** Bytes of a canary: as many as a guess of it must get right. */
export const CANARY_LENGTH = 16;

/** Where the parts of a region lie, counted from the first byte of its slot. */
export interface Layout {
  readonly canary: number;
  readonly data: number;
}

/**
 * Places `byteLength` bytes flush against their trailing guard page.
 *
 *     | guard     | slack ... canary | data | guard     |
 *       no access   slot of whole pages       no access
 *
 * An overflow of one byte faults at once. An underflow of one byte damages the canary, which is
 * checked on release. Writes that jump over the canary into the slack are not seen, writes that
 * jump over the slack fault.
 */
export function place(byteLength: number, slotLength: number): Layout {
  const data = slotLength - byteLength;
  return { canary: data - CANARY_LENGTH, data };
}

/**
 * Pages of the slot for `byteLength` bytes: room for the data and always for the canary, so that
 * 4096 bytes on pages of 4096 take two. Above eight pages sizes are rounded up to four steps per
 * doubling, so that secrets of about the same size reuse each other's slots; at most a fifth of a
 * slot is lost to that.
 */
export function pagesFor(byteLength: number, pageSize: number): number {
  const pages = Math.ceil((byteLength + CANARY_LENGTH) / pageSize);
  if (pages <= 8) return pages;
  const step = 2 ** (Math.floor(Math.log2(pages - 1)) - 2);
  return Math.ceil(pages / step) * step;
}

/** Longest reservation that is made for several slots at once. Address space, not memory. */
const RESERVATION_LENGTH = 2 ** 21;

/**
 * Slots that one reservation holds. Neighbouring slots share a guard page:
 *
 *     | guard | slot 0 | guard | slot 1 | guard | ... | slot n-1 | guard |
 */
export function slotsFor(slotPages: number, pageSize: number): number {
  return Math.max(1, Math.floor((RESERVATION_LENGTH / pageSize - 1) / (slotPages + 1)));
}

/** Bytes of a reservation for `slots` slots. */
export function reservationLength(slots: number, slotPages: number, pageSize: number): number {
  return (slots * (slotPages + 1) + 1) * pageSize;
}

/** First byte of the slot with this index, counted from the first byte of the reservation. */
export function slotOffset(index: number, slotPages: number, pageSize: number): number {
  return (index * (slotPages + 1) + 1) * pageSize;
}
