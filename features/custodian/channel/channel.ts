/** Who is told what a channel brings. */
export interface ChannelListener {
  /** @param bytes hold until the call returns */
  data(bytes: Uint8Array): void;
  /** What was written has been taken; more may be. */
  drained(): void;
  /** The other end is gone, or the channel failed. Called once. */
  ended(): void;
}

/**
 * A stream of bytes between two processes, over a socket pair that the one inherited from the other.
 *
 * It carries sealed frames only, so that it may copy and buffer as the runtime's streams do.
 */
export interface Channel {
  listen(listener: ChannelListener): void;
  /** @returns false when no more should be written before `drained` */
  write(bytes: Uint8Array): boolean;
  /** Stops reading, so that the sender is held back; and reads on. */
  pause(): void;
  resume(): void;
  /** Whether it keeps the process from ending by itself. */
  hold(holds: boolean): void;
  close(): void;
}

/** The descriptor on which a custodian finds its channel. */
export const CHANNEL_DESCRIPTOR = 3;
