/** The bytes of an answer of `fetch`: the part of a `ReadableStream` that is read. */
export interface ReadableBody {
  /** As `ReadableStream` has it. */
  readonly getReader: () => BodyReader;
}

/** The part of a `ReadableStreamDefaultReader` that is used. */
export interface BodyReader {
  /** The next piece. */
  readonly read: () => Promise<{
    readonly done: boolean;
    readonly value?: Uint8Array | undefined;
  }>;
  /** Reads no more. */
  readonly cancel: () => Promise<void>;
}
