import { LetheError } from "../../core/mod.ts";

export function closedError(): LetheError {
  return new LetheError("ERR_LETHE_DESTROYED", "Cannot use rotating secret: it was closed");
}

export function purgedError(): LetheError {
  return new LetheError(
    "ERR_LETHE_DESTROYED",
    "Cannot use rotating secret: its secrets were destroyed by a purge or by a user of them; refresh() reads them again",
  );
}

export function expiredOnArrival(version: string): LetheError {
  return new LetheError(
    "ERR_LETHE_SOURCE_EXPIRED",
    `Cannot use version ${version}: it had expired when the source gave it; renew it there, and compare the clocks of both machines`,
  );
}

/** @param lastCode of the last read; empty: it did not fail */
export function expiredError(source: string, lastCode: string): LetheError {
  const cause =
    lastCode === "" ? "it was not read again yet" : `reading it again failed (${lastCode})`;
  return new LetheError(
    "ERR_LETHE_SOURCE_EXPIRED",
    `Cannot use rotating secret of ${source}: it has expired, and ${cause}; await refresh() gives the whole reason`,
  );
}
