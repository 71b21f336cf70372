/** What the head of an envelope says. Nothing of it is authentic before the envelope was opened. */
export interface EnvelopeFacts {
  /** The type of each stanza, and its arguments: who can open it, as far as it says. */
  readonly recipients: readonly { readonly type: string; readonly args: readonly string[] }[];
  /** The context, or null. */
  readonly context: Uint8Array<ArrayBuffer> | null;
  /** Bytes of the header. */
  readonly headerBytes: number;
  /** Bytes that were sealed. */
  readonly payloadBytes: number;
  /** Whether it is text. */
  readonly armored: boolean;
}
