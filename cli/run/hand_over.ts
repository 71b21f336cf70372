import { closeSync } from "node:fs";
import type { Writable } from "node:stream";
import type { SecretBuffer } from "../../core/mod.ts";
import type { MemoryFile } from "./memory_file.ts";

/** A secret on its way to a command. */
export interface Parcel {
  /** The number under which the command gets it. */
  readonly number: number;
  readonly secret: SecretBuffer;
  /** Made before anybody typed; null for a socket, which starting the command makes. */
  readonly file: MemoryFile | null;
}

/** What `spawn` is to put at the number. */
export function endOf({ file }: Parcel): number | "pipe" {
  return file === null ? "pipe" : file.reader;
}

/** Closes this process's descriptors of the files, once the command has its own. */
export function closeFiles(parcels: readonly Parcel[]): void {
  for (const { file } of parcels) if (file !== null) closeSync(file.reader);
}

/** Gives up what was filled for a command that is not started. */
export function discard(parcels: readonly Parcel[]): void {
  closeFiles(parcels);
  for (const { secret } of parcels) secret.destroy();
}

/**
 * Writes a secret into its socket from where it lies, and closes that end: the command then reads the
 * bytes and the end. It is settled when the kernel has all of it, or the command does not want more; the
 * secret is destroyed then.
 */
export async function pour(secret: SecretBuffer, socket: Writable): Promise<void> {
  try {
    await secret.expose(
      (bytes) =>
        new Promise<void>((resolve) => {
          socket.on("error", () => resolve()); // EPIPE: it ended, or closed the descriptor unread
          socket.on("close", () => resolve());
          socket.write(bytes, () => resolve());
        }),
    );
  } finally {
    socket.destroy();
    secret.destroy();
  }
}
