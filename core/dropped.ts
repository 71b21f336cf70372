import { afterwards, whenCollected } from "./globals.ts";
import { inBackground } from "./in_background.ts";
import type { ManagedRegion } from "./managed_region.ts";

/** Notices secrets that the program dropped. One for all, made for the first: it holds only the regions. */
let registry: FinalizationRegistry<ManagedRegion> | null = null;

/** The secrets of this turn, by their regions. */
const FRESH = new Map<ManagedRegion, object>();
/** Whether their entries will be made when the turn ends. */
let awaited = false;

/**
 * From the end of this turn on, a `secret` that is collected ends its region.
 *
 * Within the turn it is held: a FinalizationRegistry reports between turns only, so that nothing is
 * noticed later for it, and a secret that is destroyed in the turn that made it needs no entry. An
 * entry costs more than all the rest of such a life, and V8 frees it in a major collection only.
 *
 * Where the runtime does not say what it collected, nothing is watched, and `wiped-when-collected` is `none`.
 */
export function watch(secret: object, region: ManagedRegion): void {
  FRESH.set(region, secret);
  if (awaited) return;
  awaited = true;
  void afterwards(Promise.resolve(), register);
}

/** Its end was the program's own. */
export function unwatch(region: ManagedRegion): void {
  if (!FRESH.delete(region)) registry?.unregister(region);
}

function register(): void {
  awaited = false;
  registry ??= whenCollected(end);
  for (const [region, secret] of FRESH) registry?.register(secret, region, region);
  FRESH.clear();
}

function end(region: ManagedRegion): void {
  const dropped = `lethe: a secret of ${region.byteLength} bytes was dropped without destroy()`;
  inBackground(
    () => {
      if (region.collect() && region.origin !== undefined) {
        console.warn(`${dropped}${region.origin}`);
      }
    },
    (code) => `${dropped}, and could not be ended: ${code}${region.origin ?? ""}`,
  );
}

/** What core needs of the runtime's console. */
declare const console: { warn(line: string): void };
