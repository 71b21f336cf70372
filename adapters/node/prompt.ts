import { Socket } from "node:net";
import { ReadStream } from "node:tty";
import {
  fileTerminals,
  type PromptSecret,
  promptOpener,
  type RawMode,
  type Terminals,
} from "../terminal/mod.ts";

/**
 * Asks for a secret on the terminal, and gives it as UTF-8 without the end of the line; where there
 * is no terminal, it reads one line of standard input. See docs/prompt.md.
 *
 * @example
 * ```ts
 * import { openSecrets, promptSecret } from "lethe";
 *
 * const secrets = openSecrets();
 * const password = await promptSecret(secrets, "Password: ");
 * password.expose((bytes) => bytes.length);
 * password.destroy();
 * ```
 */
export const promptSecret: PromptSecret = promptOpener(openTerminals);

/** The terminals of Node. */
export function openTerminals(): Terminals {
  return fileTerminals({ rawMode, unblock });
}

/** As Node sets terminals. The stream is never read from: its buffers would keep what is typed. */
function rawMode(descriptor: number): RawMode {
  const stream = new ReadStream(descriptor);
  return {
    enter: () => void stream.setRawMode(true),
    leave: () => void stream.setRawMode(false),
    close: () => void stream.destroy(),
  };
}

/** Node sets O_NONBLOCK on what it takes for a stream. Not readable, so that it never reads. */
function unblock(descriptor: number): void {
  new Socket({ fd: descriptor, readable: false, writable: true }).unref();
}
