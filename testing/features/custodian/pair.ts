import type { SecretBuffer } from "../../../core/mod.ts";
import { openSodiumEngine } from "../../../engines/sodium/mod.ts";
import { type Arrival, Session } from "../../../features/custodian/protocol/session.ts";
import type { Tools } from "../../../features/custodian/protocol/tools.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";

/** Heap memory: fast, and what is tested is what the session does with it. */
export function openTools(): Tools {
  return { engine: openSodiumEngine(), secrets: openSecrets() };
}

/** Two sessions that have greeted each other. */
export interface Pair {
  readonly tools: Tools;
  readonly application: Session;
  readonly custodian: Session;
}

export function openPair(tools: Tools = openTools()): Pair {
  const application = new Session("application", tools);
  const custodian = new Session("custodian", tools);
  custodian.receive(application.greeting, refuse);
  application.receive(custodian.greeting, refuse);
  return { tools, application, custodian };
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
  session: Session,
  chunk: Uint8Array,
  { secrets }: Tools,
  delivered: Delivered[] = [],
): Delivered[] {
  session.receive(chunk, (meta, arrival) => {
    delivered.push({ meta: [...meta], secret: arrival && taken(arrival, secrets) });
  });
  return delivered;
}

function taken(arrival: Arrival, secrets: Tools["secrets"]): readonly number[] {
  const secret: SecretBuffer = secrets.allocate(arrival.byteLength);
  try {
    secret.modify((bytes) => arrival.openInto(bytes));
    return secret.expose((bytes) => [...bytes]);
  } finally {
    secret.destroy();
  }
}
