import type { Holding } from "./holding.ts";
import { inBackground } from "./in_background.ts";

/** Notices secrets that the program dropped. One for all: it holds only the holdings. */
const DROPPED = new FinalizationRegistry<Holding>((holding) => {
  const dropped = `lethe: a secret of ${holding.byteLength} bytes was dropped without destroy()`;
  inBackground(
    () => {
      if (holding.collect() && holding.origin !== undefined) {
        console.warn(`${dropped}${holding.origin}`);
      }
    },
    (code) => `${dropped}, and could not be ended: ${code}${holding.origin ?? ""}`,
  );
});

/** The secrets of this turn, by their holdings. */
const FRESH = new Map<Holding, object>();
/** Whether their entries will be made when the turn ends. */
let awaited = false;

/**
 * From the end of this turn on, a `secret` that is collected ends its holding.
 *
 * Within the turn it is held: a FinalizationRegistry reports between turns only, so that nothing is
 * noticed later for it, and a secret that is destroyed in the turn that made it needs no entry. An
 * entry costs more than all the rest of such a life, and V8 frees it in a major collection only.
 */
export function watch(secret: object, holding: Holding): void {
  FRESH.set(holding, secret);
  if (awaited) return;
  awaited = true;
  Promise.resolve().then(register);
}

/** Its end was the program's own. */
export function unwatch(holding: Holding): void {
  if (!FRESH.delete(holding)) DROPPED.unregister(holding);
}

function register(): void {
  awaited = false;
  for (const [holding, secret] of FRESH) DROPPED.register(secret, holding, holding);
  FRESH.clear();
}

/** What core needs of the runtime's console. */
declare const console: { warn(line: string): void };
