import { offHeapBytes } from "../../core/mod.ts";
import { afterIdly, type Later } from "../../system/timers.ts";
import type { AgentCaller } from "./agent.ts";
import type { AgentContext, CallerState } from "./agent_context.ts";
import { answerRequest } from "./answer_request.ts";
import type { Connections } from "./connections.ts";
import type { Conversation, Line } from "./listen/agent_listener.ts";
import { AgentFrameReader, type Frame } from "./protocol/agent_frame_reader.ts";

/**
 * Serves one connection: a request, its answer, and then the next.
 *
 * - SERVE-1: a connection keeps its place until its last request is carried out, also when its client has left: clients
 *   that come and leave have no more under way than those that stay
 * - SERVE-2: a client that has left, and sent no other request whole behind its own, is noticed while that is carried out
 * - SERVE-3: the connection ends when a request that has begun is not whole, or its answer not read, in time
 *
 * @returns null where every place is taken by a connection with a request under way
 */
export function serve(
  context: AgentContext,
  connections: Connections,
  caller: AgentCaller | null,
  line: Line,
): Conversation | null {
  const leaving = new AbortController();
  const state: CallerState = { caller, bindings: [], left: leaving.signal };
  const waiting: Frame[] = [];
  let isOver = false;
  let isBusy = false;
  let late: Later | undefined;
  const drop = (): void => {
    ended();
    line.close();
  };
  const place = connections.take(drop);
  if (place === null) return null;
  const { landing } = place;
  const reader = new AgentFrameReader(context.secrets, landing);
  const inTime = (): Later => afterIdly(drop, context.clientMilliseconds);
  const settle = (): void => {
    late?.stop();
    late = undefined;
  };
  const begin = (): void => {
    place.busy();
    late ??= inTime();
  };

  const ended = (): void => {
    if (isOver) return;
    isOver = true;
    settle();
    reader.end();
    void line.forget();
    leaving.abort();
    if (!isBusy) place.leave();
  };
  const answer = async (frame: Frame): Promise<void> => {
    // Begun at once: a passphrase may wait behind wrong ones.
    const forgotten = frame.kind === "public" ? undefined : line.forget();
    const bytes = await answerRequest(context, state, frame);
    await forgotten;
    if (isOver) return;
    late = inTime();
    await line.write(bytes);
    settle();
  };
  const work = async (): Promise<void> => {
    isBusy = true;
    for (let frame = waiting.shift(); frame !== undefined; frame = waiting.shift()) {
      if (isOver) forgetFrame(frame);
      else await answer(frame);
    }
    isBusy = false;
    if (isOver) {
      place.leave();
      return;
    }
    if (reader.isBetween) place.idle();
    else begin();
    line.resume();
  };
  return {
    target() {
      if (landing.length === 0) context.purged();
      return isOver || landing.length === 0 ? NOTHING : reader.target();
    },
    took(byteLength) {
      if (landing.length === 0) context.purged(); // what came is where nothing can be read any more
      if (isOver || landing.length === 0) return false;
      // While a request is carried out, the reader goes on up to the end of the next one: the end of the connection is
      // heard behind the last byte alone.
      if (!isBusy) begin();
      try {
        const frame = reader.advance(byteLength);
        if (frame === null) return true;
        waiting.push(frame);
        if (isBusy) return false;
        settle();
        void work();
        return true;
      } catch {
        drop(); // a length that no frame has, or no memory left: behind it nothing can be found
        return false;
      }
    },
    isPartial: () => !isOver && !reader.isBetween,
    keep: (byteLength) => context.secrets.allocate(byteLength),
    ended,
  };
}

const NOTHING: Uint8Array<ArrayBuffer> = offHeapBytes(1).subarray(0, 0);

function forgetFrame(frame: Frame): void {
  if (frame.kind === "secret") frame.body?.destroy();
}
