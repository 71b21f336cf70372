import { afterEach, vi } from "vitest";
import { openSodiumEngine } from "../../../engines/sodium/mod.ts";
import { openSealing } from "./sealing.ts";

/** Purged when the test is over, in a file that says `useScene()`. */
export const opened: { purge(): void }[] = [];

/** Ends what each test of the file that calls it has opened, and makes its clock real again. */
export function useScene(): void {
  afterEach(() => {
    for (const secrets of opened.splice(0)) secrets.purge();
    vi.useRealTimers();
  });
}

/** Secrets that are purged when the test is over. */
export function sealing(options: object = {}): ReturnType<typeof openSealing> {
  const all = openSealing(openSodiumEngine(), options);
  opened.push(all.secrets);
  return all;
}
