import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { after } from "../../system/timers.ts";
import { ended } from "./client/calls.ts";
import type { CustodianEnd } from "./client/custodian_options.ts";
import { type ApplicationHost, startProcess } from "./open_custodian.ts";
import { checkOptions } from "./options.ts";
import type { Fields } from "./protocol/fields.ts";
import type { Arrival } from "./protocol/session.ts";

export type { ApplicationHost } from "./open_custodian.ts";
export { spoken } from "./start/start_error.ts";
export type { Arrival, CustodianEnd, Fields };

/** How the process of a guest is started. */
export interface GuestOptions {
  readonly secrets: Secrets;
  readonly environment: Readonly<Record<string, string>>;
  readonly runtime?: string | undefined;
  readonly program?: string | undefined;
  readonly libraryPath?: string | undefined;
  readonly startMilliseconds?: number | undefined;
}

/** A process that was started for a guest, and holds no vault. It is the application's alone, and ends with it. */
export interface GuestProcess {
  readonly pid: number;
  readonly ended: Promise<CustodianEnd>;
  /** @param secret crosses sealed; it stays the caller's */
  ask<T>(
    fields: Fields,
    secret: SecretBuffer | undefined,
    answer: (fields: Fields, arrival: Arrival | null) => T,
  ): Promise<T>;
  /** Closes the channel at once. The process wipes and ends, or is killed after two seconds. It never rejects. */
  close(): Promise<CustodianEnd>;
  /** Ends it at once, also while its guest hangs. */
  kill(): void;
}

/**
 * Starts one as a custodian is started: the same program, hardening and sealed channel.
 *
 * @throws {LetheError} as `openCustodian`
 */
export async function openGuest(
  host: ApplicationHost,
  options: GuestOptions,
): Promise<GuestProcess> {
  const { environment, ...rest } = options;
  const given = Object.entries({ ...rest, secureHeapBytes: 0 }).filter(
    ([, value]) => value !== undefined,
  );
  const checked = checkOptions(Object.fromEntries(given), 0);
  const { calls, child } = await startProcess(host, checked, {
    fields: { type: "guest" },
    environment,
    sharesInput: false,
  });
  const ask: GuestProcess["ask"] = (fields, secret, answer) =>
    calls.ask(() => ({ operation: "guest", fields, secret, answer })) as Promise<never>;
  return {
    pid: child.pid,
    ended: child.ended,
    ask,
    async close() {
      child.hold(true);
      const late = after(() => child.kill(), PATIENCE);
      calls.fail(ended("it was closed")); // the keys of the channel are gone, and its end is told there
      try {
        return await child.ended;
      } finally {
        late.stop();
      }
    },
    kill: () => child.kill(),
  };
}

/** In milliseconds, until one that does not end is killed. */
const PATIENCE = 2000;
