import { LetheError } from "../../core/mod.ts";
import type { Ffi, Symbols } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";
import { TextDecoder, TextEncoder } from "../../system/node_builtins.ts";

// Pointers are words. A `GError **` is eight bytes in which an address comes back.
const LIBC = {
  memcpy: { parameters: ["bytes", "usize", "usize"], result: "void" },
  strlen: { parameters: ["usize"], result: "usize" },
} as const;
const GLIB = {
  g_hash_table_new: { parameters: ["usize", "usize"], result: "usize" },
  g_hash_table_insert: { parameters: ["usize", "usize", "usize"], result: "i32" },
  g_hash_table_unref: { parameters: ["usize"], result: "void" },
  g_strdup: { parameters: ["bytes"], result: "usize" },
  g_free: { parameters: ["usize"], result: "void" },
  g_list_free: { parameters: ["usize"], result: "void" },
  g_error_free: { parameters: ["usize"], result: "void" },
  g_quark_to_string: { parameters: ["usize"], result: "usize" },
} as const;
const GOBJECT = { g_object_unref: { parameters: ["usize"], result: "void" } } as const;
const GIO = {
  g_dbus_proxy_set_default_timeout: { parameters: ["usize", "i32"], result: "void" },
} as const;
const SECRET = {
  secret_service_get_sync: { parameters: ["i32", "usize", "bytes"], result: "usize" },
  secret_service_search_sync: {
    parameters: ["usize", "usize", "usize", "i32", "usize", "bytes"],
    result: "usize",
  },
  secret_service_store_sync: {
    parameters: ["usize", "usize", "usize", "usize", "bytes", "usize", "usize", "bytes"],
    result: "i32",
  },
  secret_service_clear_sync: {
    parameters: ["usize", "usize", "usize", "usize", "bytes"],
    result: "i32",
  },
  secret_item_get_locked: { parameters: ["usize"], result: "i32" },
  secret_item_load_secret_sync: { parameters: ["usize", "usize", "bytes"], result: "i32" },
  secret_item_get_secret: { parameters: ["usize"], result: "usize" },
  secret_item_get_modified: { parameters: ["usize"], result: "usize" },
  secret_value_new: { parameters: ["bytes", "isize", "bytes"], result: "usize" },
  secret_value_get: { parameters: ["usize", "bytes"], result: "usize" },
  secret_value_unref: { parameters: ["usize"], result: "void" },
} as const;

const SECRET_SERVICE_OPEN_SESSION = 2;
const SECRET_SEARCH_ALL = 2;
/** Milliseconds that the daemon has for one call, in which this thread waits. */
const PATIENCE = 5000;

/** An error of GLib: which kind it is, never what it says. */
export class GlibFailure extends Error {
  /** As `g-dbus-error-quark 2`. */
  readonly code: string;

  constructor(domain: string, code: number) {
    super("GLib failed");
    this.code = `${domain} ${code}`;
  }
}

/** What an item holds, as long as it is lent. */
export interface ItemValue {
  readonly byteLength: number;
  /** When it was changed last, in seconds since 1970. */
  readonly modified: number;
  copyInto(page: Uint8Array<ArrayBuffer>): void;
}

/**
 * The functions of libsecret that read and store an item. Its secrets lie in locked memory of libsecret, which it
 * wipes when they are given back; over D-Bus they go encrypted.
 */
export class Libsecret {
  readonly #libc: Symbols<typeof LIBC>;
  readonly #glib: Symbols<typeof GLIB>;
  readonly #object: Symbols<typeof GOBJECT>;
  readonly #gio: Symbols<typeof GIO>;
  readonly #secret: Symbols<typeof SECRET>;
  readonly #ffi: Ffi;

  /** @throws {Error} when one of the libraries does not open */
  constructor(ffi: Ffi) {
    if (ffi.platform !== "linux") {
      throw new LetheError("ERR_LETHE_UNAVAILABLE", `there is none on ${ffi.platform}`);
    }
    this.#ffi = ffi;
    this.#secret = ffi.open("libsecret-1.so.0", SECRET);
    this.#glib = ffi.open("libglib-2.0.so.0", GLIB);
    this.#object = ffi.open("libgobject-2.0.so.0", GOBJECT);
    this.#gio = ffi.open("libgio-2.0.so.0", GIO);
    this.#libc = openLibrary(ffi, LIBC);
  }

  /**
   * Connects to the daemon of this session.
   *
   * @throws {GlibFailure} when there is none
   */
  connect(): bigint {
    const service = this.#call((error) =>
      this.#secret.secret_service_get_sync(SECRET_SERVICE_OPEN_SESSION, 0n, error),
    );
    this.#gio.g_dbus_proxy_set_default_timeout(service, PATIENCE);
    return service;
  }

  disconnect(service: bigint): void {
    this.#object.g_object_unref(service);
  }

  /**
   * Lends the first item that has these attributes.
   *
   * @returns what `use` gave; `"missing"` or `"locked"` where there is none to lend
   * @throws {GlibFailure}
   */
  withItem<T>(
    service: bigint,
    attributes: ReadonlyMap<string, string>,
    use: (value: ItemValue) => T,
  ): T | "missing" | "locked" {
    return this.#withTable(attributes, (table) => {
      const list = this.#call(
        (error) =>
          this.#secret.secret_service_search_sync(
            ...([service, 0n, table, SECRET_SEARCH_ALL, 0n, error] as const),
          ),
        true,
      );
      const items = this.#itemsOf(list);
      try {
        const [item] = items.filter((each) => this.#secret.secret_item_get_locked(each) === 0);
        if (item !== undefined) return this.#withValue(item, use);
        return items.length === 0 ? "missing" : "locked";
      } finally {
        for (const item of items) this.#object.g_object_unref(item);
        if (list !== 0n) this.#glib.g_list_free(list);
      }
    });
  }

  /** @throws {GlibFailure} */
  store(
    service: bigint,
    attributes: ReadonlyMap<string, string>,
    label: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): void {
    const type = terminated("application/octet-stream");
    const value = this.#secret.secret_value_new(bytes, BigInt(bytes.length), type);
    try {
      this.#withTable(attributes, (table) =>
        this.#call((error) =>
          this.#secret.secret_service_store_sync(
            ...([service, 0n, table, 0n, terminated(label), value, 0n, error] as const),
          ),
        ),
      );
    } finally {
      this.#secret.secret_value_unref(value);
    }
  }

  /** @returns whether there was one. @throws {GlibFailure} */
  clear(service: bigint, attributes: ReadonlyMap<string, string>): boolean {
    return this.#withTable(
      attributes,
      (table) =>
        this.#call(
          (error) => this.#secret.secret_service_clear_sync(service, 0n, table, 0n, error),
          true,
        ) !== 0,
    );
  }

  #withValue<T>(item: bigint, use: (value: ItemValue) => T): T {
    this.#call((error) => this.#secret.secret_item_load_secret_sync(item, 0n, error));
    const value = this.#secret.secret_item_get_secret(item);
    const length = new BigUint64Array(1);
    try {
      const address = this.#secret.secret_value_get(value, new Uint8Array(length.buffer));
      const byteLength = Number(length[0] ?? 0n);
      return use({
        byteLength,
        modified: Number(this.#secret.secret_item_get_modified(item)),
        copyInto: (page) => this.#libc.memcpy(page, address, BigInt(byteLength)),
      });
    } finally {
      this.#secret.secret_value_unref(value);
    }
  }

  #itemsOf(list: bigint): readonly bigint[] {
    const items: bigint[] = [];
    for (let at = list; at !== 0n; ) {
      const [data = 0n, next = 0n] = new BigUint64Array(this.#ffi.viewAt(at, 16));
      items.push(data);
      at = next;
    }
    return items;
  }

  /** Of the texts themselves: a table that compares addresses is only ever walked through. */
  #withTable<T>(attributes: ReadonlyMap<string, string>, use: (table: bigint) => T): T {
    const table = this.#glib.g_hash_table_new(0n, 0n);
    const texts: bigint[] = [];
    try {
      for (const [name, value] of attributes) {
        const pair = [name, value].map((text) => this.#glib.g_strdup(terminated(text)));
        texts.push(...pair);
        this.#glib.g_hash_table_insert(table, pair[0] ?? 0n, pair[1] ?? 0n);
      }
      return use(table);
    } finally {
      this.#glib.g_hash_table_unref(table);
      for (const text of texts) this.#glib.g_free(text);
    }
  }

  /** @param mayBeNone whether 0 is a result, unless there is an error */
  #call<T extends number | bigint>(
    call: (error: Uint8Array<ArrayBuffer>) => T,
    mayBeNone = false,
  ): T {
    const slot = new BigUint64Array(1);
    const result = call(new Uint8Array(slot.buffer));
    const [address = 0n] = slot;
    if (address !== 0n) throw this.#failure(address);
    if (!mayBeNone && (result === 0 || result === 0n)) throw new GlibFailure("no error", 0);
    return result;
  }

  #failure(address: bigint): GlibFailure {
    const [quark = 0, code = 0] = new Int32Array(this.#ffi.viewAt(address, 8));
    const domain = this.#text(this.#glib.g_quark_to_string(BigInt(quark)));
    this.#glib.g_error_free(address);
    return new GlibFailure(domain, code);
  }

  #text(address: bigint): string {
    if (address === 0n) return "unknown";
    const length = Number(this.#libc.strlen(address));
    return new TextDecoder().decode(new Uint8Array(this.#ffi.viewAt(address, length)).slice());
  }
}

/** Text as C takes it. */
function terminated(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}
