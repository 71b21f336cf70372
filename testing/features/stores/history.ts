import type { StoredEnvelope } from "../../../features/stores/mod.ts";

/** An operation on one key, as its caller saw it: times by one clock. */
export type Event = {
  readonly began: number;
  readonly ended: number;
} & (
  | { readonly what: "read"; readonly found: StoredEnvelope | null }
  /** `revision` is null where the store did not say. */
  | {
      readonly what: "write";
      readonly bytes: Uint8Array;
      readonly expected: string | null;
      readonly revision: string | null;
    }
);

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  Buffer.from(left).equals(Buffer.from(right));

/**
 * Why a history is not linearizable, or null. Revisions of one key are in an order that the store gives, so that each
 * operation has its place: a write where its revision is, a read where what it found is. What is left to check is that
 * this order is the one of the clock, that each write follows the one that it expected, and that bytes are those of their write.
 */
export function faultOf(events: readonly Event[]): string | null {
  const writes = new Map<string, Extract<Event, { what: "write" }>>();
  const replaced = new Set<string>();
  for (const event of events) {
    if (event.what !== "write" || event.revision === null) continue;
    if (writes.has(event.revision)) return `two writes have revision ${event.revision}`;
    writes.set(event.revision, event);
    if (replaced.has(`${event.expected}`)) return `two writes replaced ${event.expected}`;
    replaced.add(`${event.expected}`);
    if (placeOf(event.expected) >= placeOf(event.revision))
      return "a write is before what it replaced";
  }
  const unsure = events.filter((event) => event.what === "write" && event.revision === null);
  for (const event of events) {
    if (event.what !== "read" || event.found === null) continue;
    const { revision, envelope } = event.found;
    const written = writes.get(revision);
    const isOne =
      written === undefined
        ? unsure.some((one) => one.what === "write" && sameBytes(one.bytes, envelope))
        : sameBytes(written.bytes, envelope);
    if (!isOne) return `revision ${revision} is not what was written`;
  }
  return orderFault(events);
}

function orderFault(events: readonly Event[]): string | null {
  const placed = events
    .map((event) => ({ event, place: revisionOf(event) }))
    .filter((one): one is { event: Event; place: number } => one.place !== null);
  for (const { event, place } of placed) {
    for (const later of placed) {
      if (later.event.began <= event.ended) continue;
      const isBefore = later.event.what === "write" ? later.place <= place : later.place < place;
      if (isBefore) return `what began after revision ${place} was known has ${later.place}`;
    }
  }
  return null;
}

function revisionOf(event: Event): number | null {
  if (event.what === "read") return placeOf(event.found?.revision ?? null);
  return event.revision === null ? null : placeOf(event.revision);
}

function placeOf(revision: string | null): number {
  return revision === null ? 0 : Number(revision);
}
