import { errorCode } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/mod.ts";
import type { StandardStreams } from "../programs/mod.ts";

export type { KeyHolder, OpenedKey } from "./serving.ts";

import { Dialogue, type Peer, type PeerFault } from "./dialogue.ts";
import { serveIdentities } from "./serve_identities.ts";
import { serveRecipients } from "./serve_recipients.ts";
import { type Serving, serveFailure, TOO_MUCH } from "./serving.ts";

/** What the side of the plugin works with. */
export interface ServeContext extends Pick<Serving, "secrets" | "envelopes" | "holder"> {
  readonly streams: StandardStreams;
}

const MACHINES = { "recipient-v1": serveRecipients, "identity-v1": serveIdentities } as const;

/** State machines that are spoken. */
export const MACHINE_NAMES: readonly string[] = Object.keys(MACHINES);

/** As many as a header of 1 MiB has room for, twice, and their answers. */
const MOST_COMMANDS = 50_000;

/**
 * Speaks as a plugin of age, for X25519 keys in Lethe's key files (C2SP age-plugin). File keys go between the streams and
 * secret memory with no copy in between. What is kept of the other side is bounded.
 *
 * @throws {LetheError} `ERR_LETHE_WRAPPER` when the other side breaks the protocol; `ERR_LETHE_UNSUPPORTED` for a state machine
 * that is not known
 */
export async function servePlugin(machine: string, context: ServeContext): Promise<void> {
  const serve = Object.hasOwn(MACHINES, machine)
    ? MACHINES[machine as keyof typeof MACHINES]
    : undefined;
  if (serve === undefined) {
    throw new LetheError(
      "ERR_LETHE_UNSUPPORTED",
      `Cannot serve age: there is no state machine of that name, only ${MACHINE_NAMES.join(" and ")}; update Lethe`,
    );
  }
  const { secrets, envelopes, streams, holder } = context;
  const limits = { timeout: Number.POSITIVE_INFINITY, mostCommands: MOST_COMMANDS };
  const dialogue = new Dialogue(secrets, peerOver(streams), limits);
  try {
    await serve({ secrets, envelopes, holder, dialogue });
  } finally {
    dialogue.end();
  }
}

function peerOver({ read, write }: StandardStreams): Peer {
  const asPeer = <T>(use: () => T): T => {
    try {
      return use();
    } catch (error) {
      throw serveFailure(
        errorCode(error) === "EPIPE"
          ? "it ended before it was answered; start it again"
          : `its pipes fail (${errorCode(error) ?? "refused"}); start it again`,
      );
    }
  };
  return {
    read: (bytes) => asPeer(() => read(bytes)),
    write: (bytes) => asPeer(() => write(bytes)),
    failed: (fault) => serveFailure(FAULTS[fault]),
  };
}

const FAULTS: Readonly<Record<PeerFault, string>> = {
  malformed: "it sent something that is not a command of this state machine; update it",
  large: TOO_MUCH,
  endless: "it does not come to an end; update it",
  ended: "it ended before it was done; start it again",
  late: "it did not answer in time; start it again",
};
