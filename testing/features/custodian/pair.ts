import type { SecretBuffer } from "../../../core/mod.ts";
import { openSodiumEngine } from "../../../engines/sodium/mod.ts";
import type { ChannelContext } from "../../../features/custodian/protocol/channel_context.ts";
import { type Arrival, ChannelSession } from "../../../features/custodian/protocol/session.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";

/** Heap memory: fast, and what is tested is what the session does with it. */
export function openTools(): ChannelContext {
  return { engine: openSodiumEngine(), secrets: openSecrets() };
}

/** Two sessions that have greeted each other. */
export interface Pair {
  readonly context: ChannelContext;
  readonly application: ChannelSession;
  readonly custodian: ChannelSession;
}

export function openPair(context: ChannelContext = openTools()): Pair {
  const application = new ChannelSession("application", context);
  const custodian = new ChannelSession("custodian", context);
  custodian.receive(application.greeting, refuse);
  application.receive(custodian.greeting, refuse);
  return { context, application, custodian };
}

function refuse(): never {
  throw new Error("a greeting delivered a message");
}

/** What was delivered, with the secret taken out. For tests alone: that is what nobody should do. */
export interface Delivered {
  readonly meta: readonly number[];
  readonly secret: readonly number[] | null;
}

export function receiveAll(
  session: ChannelSession,
  chunk: Uint8Array,
  { secrets }: ChannelContext,
  delivered: Delivered[] = [],
): Delivered[] {
  session.receive(chunk, (meta, arrival) => {
    delivered.push({ meta: [...meta], secret: arrival && taken(arrival, secrets) });
  });
  return delivered;
}

function taken(arrival: Arrival, secrets: ChannelContext["secrets"]): readonly number[] {
  const secret: SecretBuffer = secrets.allocate(arrival.byteLength);
  try {
    secret.modify((bytes) => arrival.openInto(bytes));
    return secret.expose((bytes) => [...bytes]);
  } finally {
    secret.destroy();
  }
}
