interface Log {
  readonly shown: Set<string>;
  last: string;
  count: number;
}

/** What the case that runs now has checked. Two at once cannot be told apart, and then none is told. */
let log: Log | null = null;
let running = 0;

/** The most that are named; the others are counted. */
const SHOWN = 4;

/** Notes a check that held. It never has bytes: `what` names them. */
export function noteHeld(what: string): void {
  if (log === null) return;
  log.count += 1;
  log.last = what;
  if (log.shown.size < SHOWN) log.shown.add(what);
}

/**
 * Runs a case.
 *
 * @param saw is given what its checks found to hold, when it has passed
 */
export async function withHeld(
  run: () => void | Promise<void>,
  saw: (evidence: string) => void,
): Promise<void> {
  running += 1;
  log = running === 1 ? { shown: new Set(), last: "", count: 0 } : null;
  const own = log;
  try {
    await run();
    if (own === null || log !== own || own.count === 0) return;
    const named = [...own.shown.add(own.last)];
    saw(`${own.count} ${own.count === 1 ? "check" : "checks"} held: ${named.join("; ")}`);
  } finally {
    running -= 1;
    log = null;
  }
}
