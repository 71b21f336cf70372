/** The part of `fetch` that a store uses: every platform's own does, and one that presents a client certificate. */
export type StoreFetch = (url: string, request: StoreRequest) => Promise<StoreResponse>;

/** What is asked. */
export interface StoreRequest {
  /** Always POST. */
  readonly method: "POST";
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON: names, ciphertext and numbers. */
  readonly body: string;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Always `error`: what is asked of one machine goes to no other. */
  readonly redirect: "error";
}

/** What is answered: a `Response` is one. */
export interface StoreResponse {
  /** The HTTP status: an integer from 100 to 599. */
  readonly status: number;
  /** The bytes of the answer; null: none. */
  readonly body: StoreBody | null;
}

/** A `ReadableStream` is one. */
export interface StoreBody {
  /** As `ReadableStream` has it. */
  readonly getReader: () => StoreReader;
}

/** A `ReadableStreamDefaultReader` is one. */
export interface StoreReader {
  /** The next piece. */
  readonly read: () => Promise<{
    readonly done: boolean;
    readonly value?: Uint8Array | undefined;
  }>;
  /** Reads no more. */
  readonly cancel: () => Promise<void>;
}

/** Reads lines of an answer, and no more than so many bytes for one. */
export async function* linesOf(
  { body }: StoreResponse,
  mostBytes: number,
): AsyncGenerator<string, void, undefined> {
  if (body === null) return;
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      text +=
        done || value === undefined ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") yield line;
      if (text.length > mostBytes) throw new RangeError("an answer is too long");
      if (done) break;
    }
    if (text.trim() !== "") yield text;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
