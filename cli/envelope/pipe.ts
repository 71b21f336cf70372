import { isatty } from "node:tty";
import type { StreamPair } from "../../features/envelopes/mod.ts";
import { UsageError } from "../command_line/usage_error.ts";
import { isStandardInput } from "../standard_input.ts";

/** Refuses a terminal that would show a secret, before anybody is asked for anything. */
export function checkPlainSource(path: string): void {
  if (isStandardInput(path) && isatty(0)) {
    throw new UsageError("standard input is a terminal, which would show the secret; give a file");
  }
}

/** @throws {UsageError} */
export function checkPlainTarget(out: string, toTerminal: boolean): void {
  if (out === "-" && isatty(1) && !toTerminal) {
    throw new UsageError(
      "the secret would be shown on the terminal: give a file, or --to-terminal if you mean it",
    );
  }
}

/** Lets pieces through a stream. */
export function through<In, Out>(
  source: AsyncGenerator<In, void, undefined>,
  pair: StreamPair<Out>,
): AsyncIterable<Out> {
  const input = new ReadableStream<In>(
    {
      async pull(controller) {
        const { done, value } = await source.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel() {
        source.return().catch(() => undefined); // after a read that may wait
      },
    },
    { highWaterMark: 0 },
  );
  return input.pipeThrough(pair as unknown as ReadableWritablePair<Out, In>);
}
