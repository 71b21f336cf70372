import type { SecretSource } from "../../features/sources/types.ts";

/** A source to be examined, and how the suite puts secrets where it reads them. */
export interface SourceSubject {
  /** Opens the source, for each case again. */
  readonly source: () => SecretSource;
  /** Puts bytes where the source finds them, as they are, and gives the reference: another one each time. */
  readonly put: (content: Uint8Array) => Promise<string> | string;
  /** A reference under which there is nothing. */
  readonly missing: () => Promise<string> | string;
  /** Puts other bytes in the place of the old ones. Absent where a reference can be read once. */
  readonly change?: (reference: string, content: Uint8Array) => Promise<void> | void;
  /** A reference of a store that is locked, where there is such a thing. */
  readonly locked?: () => Promise<string> | string;
  /** A reference of which half an answer comes: the text `half an answer`, and then an error. */
  readonly half?: () => Promise<string> | string;
  /** A reference that is not answered for longer than `patience`. */
  readonly slow?: () => Promise<string> | string;
  /** A reference whose answer comes at once, and does not end for longer than `patience`: a program that runs on. */
  readonly lingering?: () => Promise<string> | string;
  /** After how many milliseconds the source gives up by itself. Default: 10,000. */
  readonly patience?: number;
  /** Whether it takes text alone: no byte is zero. Default: false. */
  readonly isText?: boolean;
  /** The most bytes that it takes. Default: 60,000. */
  readonly mostBytes?: number;
}
