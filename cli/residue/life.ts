/** One password's life, in this process and in those that it starts. */
export interface Life {
  /** The memory that Lethe took. */
  readonly memory?: string;
  /** Takes the password from standard input. */
  begin(): void | Promise<void>;
  use(): void | Promise<void>;
  /**
   * Ends it as well as the approach can. Synchronous where all of it is in this process, so that a look
   * straight after it is fair.
   */
  end(): void | Promise<void>;
  /** Other processes that it uses. */
  readonly helpers?: () => readonly number[];
}

/**
 * Starts a life, with every process that it will use.
 *
 * @param control a text that is not a secret: every one of those processes keeps it, so that each look has
 * something to find
 */
export type StartLife = (control: string) => Life | Promise<Life>;

/** The id of a process that was started. */
export function idOf({ pid }: { readonly pid?: number | undefined }): number {
  if (pid === undefined) throw new Error(`Cannot start ${process.execPath}`);
  return pid;
}
