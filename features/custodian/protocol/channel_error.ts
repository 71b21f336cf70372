import { LetheError } from "../../../core/mod.ts";

/** The error of a channel on which something came that an honest peer does not send. */
export function channelError(reason: string): LetheError {
  return new LetheError(
    "ERR_LETHE_CHANNEL",
    `Cannot read channel: ${reason}; its session has ended, open another custodian`,
  );
}
