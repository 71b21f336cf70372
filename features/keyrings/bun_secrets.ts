import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { throwIfAborted } from "../../core/arguments/foreign.ts";
import { errorCode, optional, optionalGlobal } from "../../core/arguments/own.ts";
import { TextEncoder } from "../../system/node_builtins.ts";
import { orAborted } from "../../system/or_aborted.ts";
import {
  contextOf,
  makeRecord,
  type ReadContext,
  type SecretRecord,
  type SecretSource,
  sourceError,
} from "../sources/mod.ts";
import { freshVersion } from "./version.ts";

/** What is used of `Bun.secrets`. It gives a string. */
interface BunSecrets {
  get(name: { readonly service: string; readonly name: string }): Promise<string | null>;
}

const NAME = "bun-secrets";

/**
 * `Bun.secrets` as a source, which needs no FFI and works on macOS and Windows too. It hands out strings, and a string
 * cannot be wiped: `residue` says so.
 */
export class BunSecretsSource implements SecretSource {
  readonly name: string = NAME;
  readonly residue: readonly string[] = [
    "Bun gives a string, which stays in the memory of this process until the collector's memory is used again",
    "the native code of Bun may keep copies of what it read from the keyring",
  ];

  async read(reference: string, context: ReadContext): Promise<SecretRecord> {
    const { land, signal } = contextOf(context);
    const [service, name] = partsOf(reference);
    throwIfAborted(signal);
    const Bun = optionalGlobal("Bun") as { readonly secrets?: BunSecrets } | undefined;
    const secrets = Bun === undefined ? undefined : optional(Bun, "secrets");
    if (secrets === undefined) {
      throw sourceError(
        "ERR_LETHE_SOURCE_UNAVAILABLE",
        NAME,
        reference,
        "there is no Bun.secrets; it takes Bun 1.3 or newer",
      );
    }
    let text: string | null;
    try {
      const asked = secrets.get({ service, name }); // the keyring may ask its user
      text = await (signal === undefined ? asked : orAborted(asked, signal));
    } catch (error) {
      throwIfAborted(signal);
      const code = errorCode(error) ?? "no code";
      throw sourceError(
        "ERR_LETHE_SOURCE_FAILED",
        NAME,
        reference,
        `Bun could not read the keyring (${code}); start its daemon, or unlock it`,
      );
    }
    throwIfAborted(signal);
    if (text === null) {
      throw sourceError("ERR_LETHE_SOURCE_MISSING", NAME, reference, "there is no such secret");
    }
    if (text === "") {
      throw sourceError("ERR_LETHE_SOURCE_EMPTY", NAME, reference, "it has no bytes");
    }
    const value = text;
    const encoder = new TextEncoder();
    const secret = land(byteLengthOf(value), (page) => void encoder.encodeInto(value, page));
    return makeRecord({ version: freshVersion("read"), fields: [["value", secret]] });
  }
}

/** Bytes of a text in UTF-8, counted without encoding it. */
function byteLengthOf(text: string): number {
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const isPair = unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
    if (isPair) at++;
    length += isPair ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
  }
  return length;
}

function partsOf(reference: unknown): readonly [service: string, name: string] {
  if (typeof reference !== "string") {
    throw wrongKind(`Cannot name secret as reference must be a string`, reference);
  }
  const [service, name, more] = reference.split("/");
  if (service && name && more === undefined) return [service, name];
  throw wrongType(
    "Cannot name secret as reference must be a service and a name: example.org/token",
  );
}
