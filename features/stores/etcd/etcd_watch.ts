import { reasonOf, type SignalLike } from "../../../core/arguments/foreign.ts";
import { later } from "../../../core/globals.ts";
import type { LetheError } from "../../../core/mod.ts";
import { type Gateway, GatewayError, type Json, recordOf } from "./gateway.ts";

/** What a watch is made of. */
export interface EtcdWatch {
  readonly gateway: Gateway;
  /** In base64. */
  readonly key: string;
  /** Milliseconds until the server has begun. */
  readonly within: number;
  /** Milliseconds for an answer to a heartbeat. */
  readonly share: number;
  /** Milliseconds between two heartbeats. */
  readonly heartbeat: number;
  readonly onChange: (ended?: LetheError) => void;
  readonly ended: (error: unknown) => void;
  readonly signal: SignalLike;
}

/**
 * Watches a key by the stream of one server. A stream alone does not show that its server is stopped, or cut off while
 * its connection stands: so the server is also asked now and then.
 *
 * @returns a promise that resolves when the server has said that the watch runs
 */
export async function watchEtcd(watch: EtcdWatch): Promise<void> {
  const { gateway, key, within, signal } = watch;
  const own = new AbortController();
  const abort = (): void => own.abort();
  signal.addEventListener("abort", abort);
  const question = { create_request: { key } };
  const answers = gateway.follow("watch", question, within, own.signal);
  const first = await next(answers, signal);
  if (first?.["created"] !== true) {
    signal.removeEventListener("abort", abort);
    abort();
    await answers.return();
    throw new GatewayError("refused", "the watch was not begun");
  }
  let isOver = false;
  const end = (error: unknown): void => {
    if (isOver || signal.aborted) return;
    isOver = true;
    signal.removeEventListener("abort", abort);
    abort();
    watch.ended(error);
  };
  void follow(answers, watch, () => isOver || signal.aborted).then(end, end);
  beat(watch, end, () => isOver || signal.aborted);
}

async function next(
  answers: AsyncGenerator<Json, void, undefined>,
  signal: SignalLike,
): Promise<Json | null> {
  const { value, done } = await answers.next();
  if (signal.aborted) throw reasonOf(signal);
  return done === true ? null : (value ?? null);
}

/** @returns why it ended */
async function follow(
  answers: AsyncGenerator<Json, void, undefined>,
  { onChange }: EtcdWatch,
  isOver: () => boolean,
): Promise<GatewayError> {
  for await (const answer of answers) {
    if (isOver()) break;
    if (answer["canceled"] === true) {
      const reason = answer["cancel_reason"];
      return new GatewayError("away", typeof reason === "string" ? reason : "the watch was ended");
    }
    if (Array.isArray(answer["events"]) && answer["events"].length > 0) onChange();
  }
  return new GatewayError("silent", "the connection of the watch was ended");
}

/** Asks the server again and again, as a read that needs a majority: it fails where the watch would be silent. */
function beat(watch: EtcdWatch, end: (error: unknown) => void, isOver: () => boolean): void {
  const { gateway, key, share, heartbeat } = watch;
  const ask = async (): Promise<void> => {
    if (isOver()) return;
    try {
      const answer = await gateway.ask("kv/range", { key, count_only: true }, share, watch.signal);
      if (recordOf(answer["header"]) === null) throw new GatewayError("refused", "no header");
      beat(watch, end, isOver);
    } catch (error) {
      end(error);
    }
  };
  later(() => void ask(), heartbeat, false);
}
