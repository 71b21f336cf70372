import type { SecretBuffer } from "../../../core/mod.ts";

/** A connection's reader: what a runtime calls with what comes. */
export interface Conversation {
  /** Where the next bytes are to be put; of length 0 when there is no place any more. */
  target(): Uint8Array<ArrayBuffer>;
  /**
   * Takes so many bytes that were put there.
   *
   * @returns false when no more may be read until {@link Line.resume}
   */
  took(byteLength: number): boolean;
  /** Whether a part of a request has come, and the rest has not. */
  isPartial(): boolean;
  /**
   * Secret memory for what came before it may be read. The caller destroys it.
   *
   * @throws {LetheError} when there is none
   */
  keep(byteLength: number): SecretBuffer;
  /** The connection is over. Idempotent. */
  ended(): void;
}

/** What a conversation does with its connection. */
export interface Line {
  /** Of the socket, for SO_PEERCRED; null where the runtime does not say. */
  readonly descriptor: number | null;
  /** Resolves when the kernel has the bytes, or the connection is over. */
  write(bytes: Uint8Array): Promise<void>;
  /** Overwrites what the runtime itself keeps of a secret that came. */
  forget(): Promise<void>;
  /** Goes on reading. */
  resume(): void;
  close(): void;
}

/** A listening socket. */
export interface AgentListener {
  /** Ends the connections as well. */
  close(): Promise<void>;
}

/**
 * Listens on a path.
 *
 * @param accept gives the conversation of a new connection, or null to close it at once
 */
export type ListenAt = (
  path: string,
  accept: (line: Line) => Conversation | null,
) => Promise<AgentListener>;

/** A runtime's way to listen, and what is to be known of it. */
export interface Listening {
  readonly listen: ListenAt;
  /** Where the bytes of a connection come to rest: for the report. */
  readonly arrival: string;
}
