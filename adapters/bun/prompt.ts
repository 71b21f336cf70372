import { ReadStream } from "node:tty";
import { FfiTerminals, fileTerminals, promptOpener } from "../../features/prompt/mod.ts";
import type { RawMode, Terminals } from "../../features/prompt/terminal.ts";
import type { PromptSecret } from "../../features/prompt/types.ts";
import { process } from "../../system/node_builtins.ts";
import { bunFfi } from "./ffi.ts";
import { bunReaders } from "./readers.ts";

/**
 * Asks for a secret on the terminal, and gives it as UTF-8 without the end of the line; where there
 * is no terminal, it reads one line of standard input. See docs/prompt.md.
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { promptSecret } from "lethe/prompt";
 *
 * const secrets = openSecrets();
 * const password = await promptSecret(secrets, "Password: ");
 * password.expose((bytes) => bytes.length);
 * password.destroy();
 * ```
 */
export const promptSecret: PromptSecret = promptOpener(openTerminals);

/** The terminals of Bun. */
export function openTerminals(): Terminals {
  return process.platform === "linux"
    ? new FfiTerminals(bunFfi(), bunReaders, () => true)
    : fileTerminals({
        readers: bunReaders,
        givesStopsBack: false,
        handsNothingOn: false,
        rawMode,
        unblock: null,
      });
}

/** Elsewhere than on Linux; not verified. */
function rawMode(descriptor: number): RawMode {
  const stream = new ReadStream(descriptor);
  return {
    enter: () => void stream.setRawMode(true),
    leave: () => void stream.setRawMode(false),
    close: () => void stream.destroy(),
  };
}
