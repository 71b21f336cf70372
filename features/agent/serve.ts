import type { SecretBuffer } from "../../core/mod.ts";
import type { AgentContext, CallerState } from "./agent_context.ts";
import { answerRequest } from "./answer_request.ts";
import type { Conversation, Line } from "./listen/agent_listener.ts";
import { AgentFrameReader, type Frame } from "./protocol/agent_frame_reader.ts";

/** Bytes of secret memory in which those of one connection come to rest. */
export const LANDING_BYTES = 512;

/** Serves one connection: a request, its answer, and then the next. */
export function serve(
  context: AgentContext,
  state: CallerState,
  line: Line,
  landing: Uint8Array<ArrayBuffer>,
  over: () => void,
): Conversation {
  const reader = new AgentFrameReader(context.secrets, landing);
  const waiting: Frame[] = [];
  let isBusy = false;
  let isOver = false;
  const ended = (): void => {
    if (isOver) return;
    isOver = true;
    if (reader.end()) void line.forget();
    for (const frame of waiting.splice(0)) if (frame.kind === "secret") frame.body?.destroy();
    over();
  };
  const work = async (): Promise<void> => {
    isBusy = true;
    for (let frame = waiting.shift(); frame !== undefined; frame = waiting.shift()) {
      const answer = await answerRequest(context, state, frame);
      if (frame.kind !== "public") await line.forget();
      if (isOver) return;
      await line.write(answer);
      if (isOver) return;
    }
    isBusy = false;
    line.resume();
  };
  return {
    target: () => (isOver ? landing.subarray(0, 0) : reader.target()),
    took(byteLength) {
      if (isOver) return false;
      try {
        const frame = reader.advance(byteLength);
        if (frame === null) return true;
        waiting.push(frame);
        if (!isBusy) void work();
        return false;
      } catch {
        // A length that no frame has, or no memory left: behind it nothing can be found.
        ended();
        line.close();
        return false;
      }
    },
    ended,
  };
}

/** Secret memory for all connections, writable as long as the agent runs. */
export class Landings {
  readonly #secret: SecretBuffer;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  readonly #scope: Promise<void>;
  #close: () => void = () => undefined;

  constructor(context: Pick<AgentContext, "secrets">, count: number) {
    this.#secret = context.secrets.allocate(count * LANDING_BYTES);
    this.#scope = this.#secret.modify(({ buffer, byteOffset }) => {
      for (let index = 0; index < count; index++) {
        this.#free.push(new Uint8Array(buffer, byteOffset + index * LANDING_BYTES, LANDING_BYTES));
      }
      return new Promise<void>((resolve) => {
        this.#close = resolve;
      });
    });
  }

  /** One that nothing else uses, or null. */
  take(): Uint8Array<ArrayBuffer> | null {
    return this.#free.pop() ?? null;
  }

  give(landing: Uint8Array<ArrayBuffer>): void {
    this.#free.push(landing);
  }

  /** When no connection reads any more. */
  async destroy(): Promise<void> {
    this.#close();
    await this.#scope;
    this.#secret.destroy();
  }
}
