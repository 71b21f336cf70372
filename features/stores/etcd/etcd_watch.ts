import { reasonOf, type SignalLike } from "../../../core/arguments/foreign.ts";
import type { Json } from "../../../core/arguments/own.ts";
import { later } from "../../../core/globals.ts";
import type { LetheError } from "../../../core/mod.ts";
import { announce } from "../announce.ts";
import { type Gateway, GatewayError } from "./gateway.ts";
import { revisionIn } from "./wire.ts";

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
  const own = new AbortController(); // aborted when the watch is over, whoever ended it
  const abort = (): void => own.abort(reasonOf(signal));
  signal.addEventListener("abort", abort);
  const stop = (): void => {
    signal.removeEventListener("abort", abort);
    own.abort();
  };
  const question = { create_request: { key } };
  const answers = gateway.follow("watch", question, within, own.signal);
  try {
    const first = await next(answers, signal);
    if (first === null) throw new GatewayError("silent", "the connection of the watch was ended");
    if (first["created"] !== true || first["canceled"] === true) throw refused(first);
    if (revisionIn(first) === null) throw notOfEtcd();
  } catch (error) {
    stop();
    await answers.return();
    throw error;
  }
  const end = (error: unknown): void => {
    if (own.signal.aborted) return;
    stop();
    watch.ended(error);
  };
  void follow(answers, watch, own.signal).then(end, end);
  beat(watch, own.signal, end);
}

async function next(
  answers: AsyncGenerator<Json, void, undefined>,
  signal: SignalLike,
): Promise<Json | null> {
  const { value, done } = await answers.next();
  if (signal.aborted) throw reasonOf(signal);
  return done === true ? null : (value ?? null);
}

/** etcd says it by the reason alone, without a code. */
function refused({ cancel_reason: reason }: Json): GatewayError {
  if (typeof reason !== "string") return new GatewayError("refused", "the watch was not begun");
  const isDenied = /permission denied|user name is empty|invalid auth token/.test(reason);
  return new GatewayError(isDenied ? "denied" : "refused", reason);
}

/** @returns why it ended */
async function follow(
  answers: AsyncGenerator<Json, void, undefined>,
  { onChange }: EtcdWatch,
  over: AbortSignal,
): Promise<GatewayError> {
  for await (const answer of answers) {
    if (over.aborted) break;
    if (answer["canceled"] === true) {
      const reason = answer["cancel_reason"];
      return new GatewayError("away", typeof reason === "string" ? reason : "the watch was ended");
    }
    if (Array.isArray(answer["events"]) && answer["events"].length > 0) announce(onChange);
  }
  return new GatewayError("silent", "the connection of the watch was ended");
}

/** Asks the server again and again, as a read that needs a majority: it fails where the watch would be silent. */
function beat(watch: EtcdWatch, over: AbortSignal, end: (error: unknown) => void): void {
  const { gateway, key, share, heartbeat } = watch;
  let stopTimer: (() => void) | null = null;
  const ask = async (): Promise<void> => {
    try {
      const answer = await gateway.ask("kv/range", { key, count_only: true }, share, over);
      if (revisionIn(answer) === null) throw notOfEtcd();
      wait();
    } catch (error) {
      end(error);
    }
  };
  const wait = (): void => {
    if (!over.aborted) stopTimer = later(() => void ask(), heartbeat, false);
  };
  over.addEventListener("abort", () => stopTimer?.());
  wait();
}

function notOfEtcd(): GatewayError {
  return new GatewayError("foreign", "the answer is not one of etcd");
}
