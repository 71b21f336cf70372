import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import {
  type RotatingSecret,
  type RotationEvent,
  rotating,
  type WatchSecret,
} from "../../features/rotation/mod.ts";
import { watchDirectory } from "../../features/rotation/watch_directory.ts";
import { makeRecord, type SecretSource } from "../../features/sources/mod.ts";
import { afterIdly } from "../../system/timers.ts";
import { complain } from "../output.ts";
import type { Restarting } from "./parameters.ts";

/** A secret that is read again while the command runs. */
export interface Changing {
  readonly name: string;
  /** As `--from` has it. */
  readonly from: string;
  read(): Promise<SecretBuffer>;
}

/** Secrets that change, and what is called when one of them did. */
export interface Changes {
  /** A copy of the one that serves, by name. */
  current(name: string): SecretBuffer;
  /** Called after the last of several changes that come together. */
  onChange(listener: () => void): void;
  close(): void;
}

/**
 * Reads secrets and goes on reading them, each by {@link rotating}: files when their folder changes, and every
 * source now and then.
 *
 * @throws what a source throws at its first read
 */
export async function followChanges(
  secrets: Secrets,
  changing: readonly Changing[],
  { pollEvery }: Restarting,
): Promise<Changes> {
  const open = new Map<string, RotatingSecret>();
  let listener: (() => void) | null = null;
  let waits = false;
  const changed = (): void => {
    if (waits) return;
    waits = true;
    afterIdly(() => {
      waits = false;
      listener?.();
    }, TOGETHER);
  };
  const close = (): void => {
    listener = null;
    for (const secret of open.values()) secret.close();
  };
  try {
    for (const one of changing) {
      const onEvent = (event: RotationEvent): void => tell(one.name, event, changed);
      const options = { pollEvery, overlap: 0, onEvent, watch: watchOf(one.from) };
      open.set(one.name, await rotating(secrets, sourceOf(one), one.name, options));
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    current: (name) => (open.get(name) as RotatingSecret).use((record) => record.field().clone()),
    onChange(given) {
      listener = given;
    },
    close,
  };
}

/** `rotating` compares the bytes: a version that is another one each time restarts nothing. */
function sourceOf({ name, read }: Changing): SecretSource {
  let reads = 0;
  return {
    name,
    residue: [],
    async read() {
      const secret = await read();
      reads += 1;
      return makeRecord({ version: `read ${reads}`, fields: [["value", secret]] });
    },
  };
}

/** Of a file, the folder that names it: writers rename another one into its place. */
function watchOf(from: string): WatchSecret | false {
  if (!from.startsWith("file:")) return false;
  const path = from.slice("file:".length).replace(/\/+$/, "");
  const end = path.lastIndexOf("/");
  return watchDirectory(end < 0 ? "." : path.slice(0, Math.max(1, end)));
}

function tell(name: string, event: RotationEvent, changed: () => void): void {
  if (event.kind === "rotated" && event.previous !== null) changed();
  if (event.kind === "refresh-failed" && event.failures === 1) {
    complain(
      `lethe run: ${name} could not be read again (${event.code}): the command goes on with what it has, and it is tried again\n`,
    );
  }
  if (event.kind === "watch-ended") {
    complain(
      `lethe run: changes of ${name} are not seen (${event.code}): it is read every ${event.pollEvery / 1000} seconds\n`,
    );
  }
}

/** Milliseconds: files of one account that are written one after the other are one change. */
const TOGETHER = 200;
