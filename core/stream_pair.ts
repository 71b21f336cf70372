import { bare } from "./arguments/own.ts";
import type { Source } from "./stream_pieces.ts";

/**
 * A class of the streams API, as the runtime's own types describe it; `object` where there are none. It is
 * assignable to what `pipeThrough` takes.
 */
export type RuntimeStream<Name extends string> =
  typeof globalThis extends Record<Name, { readonly prototype: infer Stream }> ? Stream : object;

/** The two ends that `readable.pipeThrough()` takes. Without `out` being read, `in` is not taken. */
export interface StreamPair<Out> {
  /** A WritableStream. */
  readonly writable: RuntimeStream<"WritableStream">;
  /** A ReadableStream; where the runtime can, iterable with `for await`. */
  readonly readable: AsyncIterable<Out> & RuntimeStream<"ReadableStream">;
}

/**
 * A transform whose output is made one chunk at a time, when it is asked for: a TransformStream would
 * make all that one piece of input gives at once, and secret memory is scarce.
 *
 * @param drop takes a chunk that was being made when nobody wanted any more
 */
export function streamPair<In, Out>(
  transform: (source: Source<In>) => AsyncGenerator<Out, void, undefined>,
  drop: (chunk: Out) => void = () => undefined,
): StreamPair<Out> {
  const inlet = new TransformStream();
  const reader = inlet.readable.getReader();
  const chunks = transform(async () => {
    const { done, value } = await reader.read();
    return done ? null : (value as In);
  });
  let cancelled = false;
  const readable = new ReadableStream(
    bare({
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (cancelled) {
            if (!done) drop(value);
          } else if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          // Whoever writes is told too, and stops.
          await reader.cancel(error).catch(() => undefined);
          throw error;
        }
      },
      async cancel(reason) {
        cancelled = true;
        // First the input: a chunk that waits for it would keep the transform from ending.
        await reader.cancel(reason);
        await chunks.return();
      },
    }),
    bare({ highWaterMark: 0 }),
  );
  return { readable, writable: inlet.writable } as unknown as StreamPair<Out>;
}

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
  cancel(reason: unknown): Promise<void>;
}
interface Controller {
  enqueue(chunk: unknown): void;
  close(): void;
}
interface Underlying {
  pull(controller: Controller): Promise<void>;
  cancel(reason: unknown): Promise<void>;
}

/** What all runtimes have of the streams API. */
declare const TransformStream: new () => {
  readonly readable: { getReader(): Reader };
  readonly writable: object;
};
declare const ReadableStream: new (
  source: Underlying,
  strategy: { readonly highWaterMark: number },
) => object;
