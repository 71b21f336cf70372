import {
  FfiTerminals,
  fileTerminals,
  promptOpener,
  streamReaders,
  unset,
} from "../../features/prompt/mod.ts";
import type { RawMode, Terminals } from "../../features/prompt/terminal.ts";
import type { PromptSecret } from "../../features/prompt/types.ts";
import { type DenoNamespace, findDeno } from "../../system/deno.ts";
import { refuseMisplaced } from "../../system/misplaced.ts";
import { process } from "../../system/node_builtins.ts";
import { isPermitted } from "../../system/permitted.ts";
import { denoFfi } from "./ffi.ts";
import { DENO_ENTRY } from "./permissions.ts";

/**
 * Asks for a secret on the terminal, and gives it as UTF-8 without the end of the line; where there
 * is no terminal, it reads one line of standard input. See docs/prompt.md.
 *
 * The terminal is `/dev/tty` with `--allow-read=/dev/tty`, and without that permission the terminal
 * that standard input is. It never asks for a permission.
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

/** The terminals of Deno, as far as it is permitted. */
export function openTerminals(): Terminals {
  refuseMisplaced(DENO_ENTRY, "Cannot prompt");
  const readers = streamReaders(() => true);
  const mayRead = (path: string): boolean => isPermitted({ name: "read", path });
  if (process.platform === "linux" && isPermitted({ name: "ffi" })) {
    return new FfiTerminals(denoFfi(), readers, mayRead);
  }
  return fileTerminals({
    readers,
    givesStopsBack: false,
    handsNothingOn: true,
    unblock: null,
    rawMode(): RawMode {
      const { stdin, openSync } = findDeno() as DenoNamespace;
      const terminal = stdin.isTerminal() ? stdin : openSync("/dev/tty");
      const set = (isRaw: boolean): void => {
        try {
          terminal.setRaw(isRaw);
        } catch (error) {
          throw unset("Deno", error);
        }
      };
      return { enter: () => set(true), leave: () => set(false), close: () => undefined };
    },
  });
}
