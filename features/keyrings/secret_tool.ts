import { LetheError } from "../../core/mod.ts";
import {
  type ReadContext,
  type SecretRecord,
  type SecretSource,
  sourceError,
} from "../sources/mod.ts";
import { attributesOf, SECRET_SERVICE } from "./service_items.ts";

/** Through `secret-tool lookup`, whose output goes straight into secret memory. */
export class SecretTool {
  readonly name: string = SECRET_SERVICE;
  readonly way: "secret-tool" = "secret-tool";
  readonly residue: readonly string[] = [
    "secret-tool has the secret in its own process until it ends, partly in ordinary memory",
  ];
  readonly #exec: SecretSource;

  constructor(exec: SecretSource) {
    this.#exec = exec;
  }

  async read(reference: string, context: ReadContext): Promise<SecretRecord> {
    const words = [...attributesOf(reference)].flat();
    // A value that begins with a dash is a value: the options have ended.
    const command = JSON.stringify([TOOL, "lookup", "--", ...words]);
    try {
      return await this.#exec.read(command, context);
    } catch (error) {
      if (!(error instanceof LetheError) || !error.code.startsWith("ERR_LETHE_SOURCE_"))
        throw error;
      if (
        error.code === "ERR_LETHE_SOURCE_FAILED" &&
        error.message.includes("ended with status 1")
      ) {
        throw sourceError(
          "ERR_LETHE_SOURCE_MISSING",
          SECRET_SERVICE,
          reference,
          `${TOOL} found nothing: no item has these attributes, its keyring is locked, or no daemon answers, which it does not tell apart; libsecret does`,
        );
      }
      throw error;
    }
  }

  store(): never {
    throw unsupported("store");
  }

  remove(): never {
    throw unsupported("remove");
  }
}

const TOOL = "/usr/bin/secret-tool";

function unsupported(verb: string): LetheError {
  return new LetheError(
    "ERR_LETHE_UNSUPPORTED",
    `Cannot ${verb} secret through secret-tool: it takes libsecret and FFI`,
  );
}
