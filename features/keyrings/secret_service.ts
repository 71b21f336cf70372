import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { throwIfAborted } from "../../core/arguments/foreign.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { isSecretBuffer, type SecretBuffer } from "../../core/mod.ts";
import type { Ffi } from "../../system/ffi.ts";
import {
  contextOf,
  makeRecord,
  type ReadContext,
  type SecretRecord,
  type SecretSource,
  sourceError,
} from "../sources/mod.ts";
import { GlibFailure } from "./glib.ts";
import { Libsecret } from "./libsecret.ts";
import { SecretTool } from "./secret_tool.ts";
import { attributesOf, locked, missing, SECRET_SERVICE, unavailable } from "./service_items.ts";
import { freshVersion } from "./version.ts";

/** How the Secret Service is reached. */
export interface SecretServiceOptions {
  /**
   * `libsecret` through FFI, or the program `secret-tool`. Default: libsecret where it opens, else the program; the
   * property `way` says which.
   */
  readonly way?: "libsecret" | "secret-tool";
}

/**
 * Secrets in the keyring of the desktop session: GNOME Keyring, KWallet, KeePassXC. A reference names the attributes
 * of an item as a query does: `service=example.org&user=me`.
 */
export interface SecretService extends SecretSource {
  /** How it is reached. */
  readonly way: "libsecret" | "secret-tool";
  /**
   * Stores the bytes of `secret`: in the item that has these attributes and no others, else in a new one of the
   * default collection. An item that has more attributes stays as it is. By libsecret alone.
   *
   * @param label what a person reads in a keyring manager
   * @throws {LetheError} `ERR_LETHE_UNSUPPORTED` by secret-tool, `ERR_LETHE_SOURCE_UNAVAILABLE`,
   * `ERR_LETHE_SOURCE_LOCKED`, `ERR_LETHE_SOURCE_FAILED`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openSecretService, type SecretService } from "lethe/keyrings";
   *
   * export function keep(keyring: SecretService): void {
   *   const token = openSecrets().random(32);
   *   keyring.store("service=example.org&user=me", token, "Token of example.org");
   *   token.destroy();
   * }
   * openSecretService().way; // libsecret, where it can store
   * ```
   */
  store(reference: string, secret: SecretBuffer, label: string): void;
  /**
   * Removes the item that has these attributes and no others. One that has more attributes stays. By libsecret
   * alone.
   *
   * @throws {LetheError} `ERR_LETHE_SOURCE_MISSING`, and as `store` does
   *
   * @example
   * ```ts
   * import type { SecretService } from "lethe/keyrings";
   *
   * export function forget(keyring: SecretService): void {
   *   keyring.remove("service=example.org&user=me");
   * }
   * ```
   */
  remove(reference: string): void;
}

/**
 * Opens the Secret Service of the session as a source: GNOME Keyring, KWallet, KeePassXC; see docs/keyrings.md.
 *
 * @throws {TypeError} for a wrong option
 * @throws {LetheError} `ERR_LETHE_SOURCE_UNAVAILABLE` where libsecret was asked for and does not open
 *
 * @example
 * ```ts
 * import { openSecretService } from "lethe/keyrings";
 *
 * const keyring = openSecretService();
 * keyring.way; // libsecret, or secret-tool
 * ```
 */
export type OpenSecretService = (options?: SecretServiceOptions) => SecretService;

const VERB = "open Secret Service";

/**
 * {@link OpenSecretService} of a runtime.
 *
 * @param exec opens a source of what programs print
 */
export function secretServiceOpener(ffi: () => Ffi, exec: () => SecretSource): OpenSecretService {
  return (options) => {
    const { way } = readOptions(options, VERB, ["way"]);
    if (way !== undefined && way !== "libsecret" && way !== "secret-tool") {
      throw wrongType(`Cannot ${VERB} as way must be "libsecret" or "secret-tool"`);
    }
    if (way === "secret-tool") return new SecretTool(exec());
    try {
      return new ByLibrary(new Libsecret(ffi()));
    } catch (error) {
      if (way === undefined) return new SecretTool(exec());
      throw unavailable(
        "libsecret",
        `it does not open (${error instanceof Error ? error.message : "refused"}); install libsecret-1-0, and FFI as docs/memories.md says`,
      );
    }
  };
}

class ByLibrary implements SecretService {
  readonly name = SECRET_SERVICE;
  readonly way = "libsecret";
  readonly residue: readonly string[] = [];
  readonly #library: Libsecret;

  constructor(library: Libsecret) {
    this.#library = library;
  }

  async read(reference: string, context: ReadContext): Promise<SecretRecord> {
    const { land, signal } = contextOf(context);
    const attributes = attributesOf(reference);
    throwIfAborted(signal);
    const outcome = this.#connected(reference, (library, service) =>
      library.withItem(service, attributes, ({ byteLength, modified, copyInto }) => {
        if (byteLength === 0) return null;
        const secret = land(byteLength, copyInto);
        return makeRecord({ version: freshVersion(`${modified}`), fields: [["value", secret]] });
      }),
    );
    if (outcome === null) {
      throw sourceError("ERR_LETHE_SOURCE_EMPTY", SECRET_SERVICE, reference, "it has no bytes");
    }
    if (outcome === "missing") throw missing(reference);
    if (outcome === "locked") throw locked(reference);
    return outcome;
  }

  store(reference: string, secret: SecretBuffer, label: string): void {
    const attributes = attributesOf(reference);
    if (!isSecretBuffer(secret)) {
      throw wrongKind(`Cannot store secret as it must be a SecretBuffer`, secret);
    }
    if (typeof label !== "string" || label.includes("\0")) {
      throw wrongType("Cannot store secret as label must be a string without a zero byte");
    }
    const outcome = this.#connected(reference, (library, service) =>
      secret.expose((bytes) => library.store(service, attributes, label, bytes)),
    );
    if (outcome === "locked") throw locked(reference);
  }

  remove(reference: string): void {
    const attributes = attributesOf(reference);
    const outcome = this.#connected(reference, (library, service) =>
      library.remove(service, attributes),
    );
    if (outcome === "locked") throw locked(reference);
    if (outcome === "missing")
      throw missing(reference, "no item has these attributes and no others");
  }

  #connected<T>(reference: string, use: (library: Libsecret, service: bigint) => T): T {
    const library = this.#library;
    let service: bigint | null;
    try {
      service = library.connect();
    } catch (error) {
      if (!(error instanceof GlibFailure)) throw error;
      throw unavailable(
        reference,
        `no daemon of the Secret Service answers on the session bus (${error.code}); start one, as gnome-keyring-daemon, and set DBUS_SESSION_BUS_ADDRESS`,
      );
    }
    if (service === null) {
      throw unavailable(
        reference,
        "there is no address of a session bus, and no program is started for one; set DBUS_SESSION_BUS_ADDRESS, or XDG_RUNTIME_DIR to the folder of this user that has the socket bus",
      );
    }
    try {
      return use(library, service);
    } catch (error) {
      if (!(error instanceof GlibFailure)) throw error;
      throw sourceError(
        "ERR_LETHE_SOURCE_FAILED",
        SECRET_SERVICE,
        reference,
        `the daemon refused it (${error.code}); unlock the keyring, and read the daemon's log`,
      );
    } finally {
      library.disconnect(service);
    }
  }
}
