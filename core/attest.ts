import {
  type Guarantee,
  type Guarantees,
  guarantees,
  notGiven,
  unverified,
  verified,
} from "./guarantees.ts";
import type { SecretMemory } from "./memory.ts";

const COLLECTED = unverified(
  "best-effort",
  "a FinalizationRegistry wipes it; ECMAScript does not promise when, or that, it runs",
);
const EXIT = notGiven("no exit handler is installed");

/** The part of the table that the lifecycle gives, whatever the memory below it. */
export interface Attested {
  readonly "detached-views": Guarantee;
  readonly "wiped-on-destroy": Guarantee;
}

/**
 * Puts one region of `memory` through a life and reads what happened, so that detaching and wiping
 * are seen and not believed. A memory that fails is not refused: its table then says `none`, with
 * what was seen, and `require` refuses it.
 */
export function attest(memory: SecretMemory): Attested {
  const region = memory.allocate(PROBE_BYTES);
  let zero: boolean;
  let detached: boolean;
  try {
    region.protect("read-write");
    const view = region.view();
    view.fill(PATTERN);
    region.wipe();
    zero = view.every((byte) => byte === 0);
    region.detach();
    detached = view.byteLength === 0;
    region.protect("no-access");
  } finally {
    region.release();
  }
  return {
    "detached-views": detached
      ? verified("a probe's view had length 0 after detach")
      : notGiven("a probe's view kept its length after detach"),
    "wiped-on-destroy": zero
      ? verified("a probe's bytes read zero after wipe, before release")
      : notGiven("a probe's bytes were still there after wipe"),
  };
}

/** Completes a memory's or a region's own table with what the lifecycle gives. */
export function withLifecycle(own: Guarantees, attested: Attested): Guarantees {
  return guarantees({
    ...own,
    ...attested,
    "wiped-when-collected": COLLECTED,
    "wiped-on-exit": EXIT,
  });
}

const PROBE_BYTES = 32;
const PATTERN = 0xa5;
