/** What is used of a socket of Bun. */
export interface BunSocket {
  readonly fd?: number;
  /** @returns how many bytes were taken; -1 once it is closed */
  write(bytes: Uint8Array): number;
  pause(): void;
  resume(): void;
  terminate(): void;
}

/** What Bun calls. */
export interface BunHandlers {
  open?(socket: BunSocket): void;
  data(socket: BunSocket, bytes: Uint8Array): void;
  drain?(socket: BunSocket): void;
  end?(socket: BunSocket): void;
  close(socket: BunSocket): void;
  error(socket: BunSocket): void;
}

/** What is used of `Bun`. */
export interface BunHost {
  listen(options: { readonly unix: string; readonly socket: BunHandlers }): {
    stop(all: boolean): void;
  };
  connect(options: { readonly fd: number; readonly socket: BunHandlers }): Promise<BunSocket>;
}
