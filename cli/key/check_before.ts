import { existsSync, lstatSync } from "node:fs";
import { dirname } from "node:path";
import type { KeyFiles } from "../../adapters/node/mod.ts";
import { LetheError } from "../../core/mod.ts";
import type { Parameters } from "./parameters.ts";

/**
 * Refuses what can be known to fail before anybody types a passphrase. The action checks everything
 * again, on what it opens.
 *
 * @throws {LetheError}
 */
export function checkBefore(keys: KeyFiles, { action, path, trust }: Parameters): void {
  if (action === "remove" || action === "convert" || action === "public") return;
  if (action === "create" || action === "import") {
    checkFree(keys, path);
    return;
  }
  const { form } = keys.inspect(path, { trust });
  if (action === "seal" && form === "sealed") {
    refuse(
      "ERR_LETHE_KEY_FORMAT",
      `Cannot seal key file ${named(path)}: it is sealed; use change-passphrase`,
    );
  }
  if ((action === "unseal" || action === "change-passphrase") && form === "plain") {
    refuse("ERR_LETHE_KEY_FORMAT", `Cannot ${action} key file ${named(path)}: it is not sealed`);
  }
}

/** Refuses what stands where a key file is to be made, for what it is. */
export function checkFree(keys: Pick<KeyFiles, "inspect">, path: string): void {
  const found = whatIsAt(path);
  if (found !== null) {
    refuse("ERR_LETHE_KEY_EXISTS", `Cannot create key file ${named(path)}: ${found}`);
  }
  if (!existsSync(dirname(path))) keys.inspect(path); // says what is missing
}

function whatIsAt(path: string): string | null {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return null;
    if (found.isDirectory()) return "it is a directory; give the path of a new file in it";
    if (found.isSymbolicLink())
      return "it is a symbolic link; give another path, or delete the link";
    if (!found.isFile()) return "it is a device, a pipe or a socket; give the path of a new file";
    return "there is one; rotate it, or remove it first";
  } catch {
    return null; // the action says what is wrong with the path
  }
}

function named(path: string): string {
  return JSON.stringify(path);
}

function refuse(code: LetheError["code"], message: string): never {
  throw new LetheError(code, message);
}
