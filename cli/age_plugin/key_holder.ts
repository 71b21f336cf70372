import type { KeyFiles } from "../../adapters/node/mod.ts";
import { LetheError } from "../../core/mod.ts";
import type { KeyHolder } from "../../features/age_plugins/serve.ts";
import { type Asking, hasTerminal } from "../key/ask.ts";

/** What opens key files, and asks for their passphrases. */
export interface Opening extends Asking {
  readonly keys: KeyFiles;
}

/**
 * The key files of this user. A passphrase is asked for on the terminal by Lethe itself: through age it would be a string
 * of its heap. Standard input is the dialogue with age, so that without a terminal nothing is read.
 */
export function keyHolder({ keys, secrets, promptSecret }: Opening): KeyHolder {
  const isSealed = (path: string): boolean => keys.inspect(path).form === "sealed";
  return {
    isSealed,
    async open(path) {
      if (!isSealed(path)) return keys.read(path, "x25519");
      if (!hasTerminal()) throw withoutTerminal(path);
      const passphrase = await promptSecret(secrets, `Passphrase of ${path}: `);
      try {
        return keys.read(path, "x25519", { passphrase });
      } finally {
        passphrase.destroy();
      }
    },
  };
}

function withoutTerminal(path: string): LetheError {
  return new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot open key file ${JSON.stringify(path)}: it is sealed, and there is no terminal to ask for its passphrase; run age on a terminal, or keep the key plain, by lethe key unseal`,
  );
}
