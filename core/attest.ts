import {
  type Guarantee,
  type Guarantees,
  guarantees,
  notGiven,
  unverified,
  verified,
} from "./contract/guarantees.ts";
import type { SecretMemory } from "./contract/memory.ts";
import { canNotice } from "./globals.ts";

const COLLECTED = canNotice
  ? unverified(
      "best-effort",
      "a FinalizationRegistry wipes it; ECMAScript does not promise when, or that, it runs",
    )
  : notGiven("this runtime has no FinalizationRegistry; call destroy()");
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
  let wiped: Guarantee;
  let detached: Guarantee;
  try {
    region.protect("read-write");
    const view = region.view();
    if (isWhole(view)) view.fill(PATTERN);
    region.wipe();
    wiped = judgeWipe(view);
    const last = region.view(); // the same one, unless the wipe took that away
    const before = isWhole(last);
    region.detach();
    detached = judgeDetach(before, last);
    region.protect("no-access");
  } finally {
    region.release();
  }
  return { "detached-views": detached, "wiped-on-destroy": wiped };
}

/** Of an empty view every byte is zero: one that cannot be read back proves nothing. */
function judgeWipe(view: Uint8Array): Guarantee {
  if (!isWhole(view)) return notGiven(`a probe's view had ${lengthOf(view)} after wipe`);
  return view.every((byte) => byte === 0)
    ? verified("a probe's bytes read zero after wipe, before release")
    : notGiven("a probe's bytes were still there after wipe");
}

function judgeDetach(wasWhole: boolean, view: Uint8Array): Guarantee {
  if (!wasWhole) return notGiven("a probe's view did not have its length before detach");
  return view.byteLength === 0
    ? verified("a probe's view had length 0 after detach")
    : notGiven("a probe's view kept its length after detach");
}

function isWhole(view: Uint8Array): boolean {
  return view.byteLength === PROBE_BYTES;
}

function lengthOf({ byteLength }: Uint8Array): string {
  return `${byteLength} of ${PROBE_BYTES} bytes`;
}

/**
 * Completes a memory's or a region's own table with what the lifecycle gives. A memory that says of
 * itself that it is wiped on exit keeps that row, and the conformance suite holds it to it (G12).
 */
export function withLifecycle(own: Guarantees, attested: Attested): Guarantees {
  const table = guarantees(own);
  const exit = table["wiped-on-exit"];
  return guarantees({
    ...table,
    ...attested,
    "wiped-when-collected": COLLECTED,
    "wiped-on-exit": exit.level === "none" ? EXIT : exit,
  });
}

const PROBE_BYTES = 32;
const PATTERN = 0xa5;
