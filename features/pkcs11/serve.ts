import { isArgumentError } from "../../core/arguments/argument_error.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { FILE_KEY_BYTES, type Land } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import type { Ffi } from "../../system/ffi.ts";
import { type ChannelContext, type Guest, need, type Request } from "../custodian/program.ts";
import type { View } from "../envelopes/bytes.ts";
import { failed, Pkcs11Error } from "./pkcs11_error.ts";
import { Pkcs11Key } from "./pkcs11_wrapper.ts";
import type { OaepHash } from "./types.ts";

/** The other end of an isolated key: the one process in which its module is loaded. */
export function serveToken(ffi: () => Ffi, context: ChannelContext): Guest {
  return new TokenGuest(ffi, context);
}

class TokenGuest implements Guest {
  readonly #ffi: () => Ffi;
  readonly #land: Land;
  readonly #context: ChannelContext;
  #key: Pkcs11Key | null = null;

  constructor(ffi: () => Ffi, context: ChannelContext) {
    this.#ffi = ffi;
    this.#context = context;
    this.#land = (byteLength, fill) => context.secrets.land(byteLength, fill);
  }

  answer(request: Request): void {
    const { fields, reply } = request;
    try {
      if (fields.type === "load") this.#load(request);
      else if (fields.type === "wrap") this.#wrap(request, this.#loaded());
      else this.#unwrap(request, this.#loaded());
    } catch (error) {
      const { message, returnValue, triesLeft } = errorFor(error);
      reply({ message: message.slice(0, 600), text: returnValue ?? "", type: triesLeft });
    }
  }

  destroy(): void {
    this.#key?.destroy();
  }

  /** Its secret, if there is one, is the PIN. */
  #load({ fields, arrival, reply }: Request): void {
    if (this.#key !== null) throw failed("it was loaded twice");
    const pin = arrival === null ? null : this.#land(arrival.byteLength, arrival.openInto);
    try {
      this.#key = new Pkcs11Key(this.#context.secrets, this.#ffi, {
        uri: need(fields.text),
        hash: need(fields.hash) as OaepHash,
        spendLastTry: need(fields.holds),
        ...(pin === null ? {} : { pin }),
      });
    } finally {
      pin?.destroy();
    }
    reply({});
  }

  #loaded(): Pkcs11Key {
    if (this.#key !== null) return this.#key;
    throw new LetheError("ERR_LETHE_WRAPPER", "Cannot use PKCS#11 key: it was not loaded");
  }

  #wrap({ arrival, reply }: Request, key: Pkcs11Key): void {
    const { byteLength, openInto } = need(arrival ?? undefined);
    const fileKey: SecretBuffer = this.#land(byteLength, openInto);
    try {
      const [stanza] = key.wrap(fileKey);
      reply({ report: JSON.stringify(stanza?.args), data: need(stanza?.body) });
    } finally {
      fileKey.destroy();
    }
  }

  #unwrap({ fields, reply }: Request, key: Pkcs11Key): void {
    const args = JSON.parse(need(fields.report)) as [string, ...string[]];
    const fileKey = key.unwrap([{ args, body: need(fields.data) as View }], this.#land);
    if (fileKey === null) {
      reply({ holds: false });
      return;
    }
    try {
      fileKey.expose((bytes) => reply({ byteLength: FILE_KEY_BYTES }, bytes as View));
    } finally {
      fileKey.destroy();
    }
  }
}

/** A fault of this program is no end of the process, and another library's words may quote what it was given. */
function errorFor(error: unknown): Pkcs11Error {
  if (error instanceof Pkcs11Error) return error;
  if (error instanceof LetheError || isArgumentError(error)) throw error;
  return failed("its process failed at it; read the log of the module, and open the key again");
}
