import { afterEach, vi } from "vitest";
import { openSodiumEngine } from "../../../engines/sodium/mod.ts";
import { openSealing } from "./sealing.ts";

/** Purged when the test is over. */
export const opened: { purge(): void }[] = [];
afterEach(() => {
  for (const secrets of opened.splice(0)) secrets.purge();
  vi.useRealTimers();
});

/** Secrets that are purged, and a clock that is real again, when the test is over. */
export function sealing(options: object = {}): ReturnType<typeof openSealing> {
  const all = openSealing(openSodiumEngine(), options);
  opened.push(all.secrets);
  return all;
}
