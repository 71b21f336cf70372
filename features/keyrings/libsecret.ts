import { LetheError } from "../../core/mod.ts";
import type { Ffi, Symbols } from "../../system/ffi.ts";
import { terminated } from "../../system/terminated.ts";
import { Glib } from "./glib.ts";
import { GIO, GOBJECT, SECRET } from "./libsecret_functions.ts";
import { isSessionBusNamed } from "./session_bus.ts";

const SECRET_SERVICE_OPEN_SESSION = 2;
const SECRET_SEARCH_ALL = 2;
const SECRET_COLLECTION_NONE = 0;
const SECRET_ITEM_CREATE_NONE = 0;
const SECRET_ITEM_CREATE_REPLACE = 2;
/** By which libsecret itself tells kinds of items apart. */
const SCHEMA = "xdg:schema";
/** The kind of items of a service and an account, without which keytar does not find one. */
const GENERIC = "org.freedesktop.Secret.Generic";
/** Milliseconds that the daemon has for one call, in which this thread waits. */
const PATIENCE = 5000;

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
  readonly #ffi: Ffi;
  readonly #glib: Glib;
  readonly #object: Symbols<typeof GOBJECT>;
  readonly #gio: Symbols<typeof GIO>;
  readonly #secret: Symbols<typeof SECRET>;

  /** @throws {Error} when one of the libraries does not open */
  constructor(ffi: Ffi) {
    if (ffi.platform !== "linux") {
      throw new LetheError("ERR_LETHE_UNAVAILABLE", `there is none on ${ffi.platform}`);
    }
    this.#ffi = ffi;
    this.#secret = ffi.open("libsecret-1.so.0", SECRET);
    this.#glib = new Glib(ffi);
    this.#object = ffi.open("libgobject-2.0.so.0", GOBJECT);
    this.#gio = ffi.open("libgio-2.0.so.0", GIO);
  }

  /**
   * Connects to the daemon of this session.
   *
   * @returns null without an address of the session bus: no program is started for it
   * @throws {GlibFailure} when there is no daemon
   */
  connect(): bigint | null {
    if (!isSessionBusNamed(this.#ffi, this.#glib)) return null;
    const service = this.#glib.call((error) =>
      this.#secret.secret_service_get_sync(SECRET_SERVICE_OPEN_SESSION, 0n, error),
    );
    this.#gio.g_dbus_proxy_set_default_timeout(service, PATIENCE);
    return service;
  }

  disconnect(service: bigint): void {
    this.#object.g_object_unref(service);
  }

  /**
   * Lends an item that has these attributes: the one that has no others, if there is one.
   *
   * @returns what `use` gave; `"missing"` or `"locked"` where there is none to lend
   * @throws {GlibFailure}
   */
  withItem<T>(
    service: bigint,
    attributes: ReadonlyMap<string, string>,
    use: (value: ItemValue) => T,
  ): T | "missing" | "locked" {
    return this.#withItems(service, attributes, (items) => {
      const unlocked = items.filter((item) => !this.#isLocked(item));
      const item = unlocked.find((each) => this.#hasNoOthers(each, attributes)) ?? unlocked[0];
      if (item !== undefined) return this.#withValue(item, use);
      return items.length === 0 ? "missing" : "locked";
    });
  }

  /**
   * Writes to the item that has these attributes and no others, or makes one. The daemon's own replacing does not
   * do: GNOME Keyring takes an item away that has more attributes than these.
   *
   * @throws {GlibFailure}
   */
  store(
    service: bigint,
    attributes: ReadonlyMap<string, string>,
    label: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): "stored" | "locked" {
    const type = terminated("application/octet-stream");
    const value = this.#secret.secret_value_new(bytes, BigInt(bytes.length), type);
    try {
      return this.#withItems(service, attributes, (items) => {
        const same = items.filter((item) => this.#hasNoOthers(item, attributes));
        const item = same.find((each) => !this.#isLocked(each));
        if (item !== undefined) return this.#write(item, label, value);
        if (same.length > 0) return "locked";
        return this.#create(service, attributes, label, value, items.length === 0);
      });
    } finally {
      this.#secret.secret_value_unref(value);
    }
  }

  /**
   * Removes the items that have these attributes and no others.
   *
   * @throws {GlibFailure}
   */
  remove(
    service: bigint,
    attributes: ReadonlyMap<string, string>,
  ): "removed" | "missing" | "locked" {
    return this.#withItems(service, attributes, (items) => {
      const same = items.filter((item) => this.#hasNoOthers(item, attributes));
      const unlocked = same.filter((item) => !this.#isLocked(item));
      for (const item of unlocked) {
        this.#glib.call((error) => this.#secret.secret_item_delete_sync(item, 0n, error));
      }
      if (unlocked.length > 0) return "removed";
      return same.length === 0 ? "missing" : "locked";
    });
  }

  #write(item: bigint, label: string, value: bigint): "stored" {
    this.#glib.call((error) => this.#secret.secret_item_set_secret_sync(item, value, 0n, error));
    this.#glib.call((error) =>
      this.#secret.secret_item_set_label_sync(item, terminated(label), 0n, error),
    );
    return "stored";
  }

  /** @param isFirst whether no item has these attributes: then two programs that store at once make one item */
  #create(
    service: bigint,
    attributes: ReadonlyMap<string, string>,
    label: string,
    value: bigint,
    isFirst: boolean,
  ): "stored" | "locked" {
    const name = terminated(label);
    const collection = this.#glib.call(
      (error) =>
        this.#secret.secret_collection_for_alias_sync(
          ...([service, terminated("default"), SECRET_COLLECTION_NONE, 0n, error] as const),
        ),
      true,
    );
    if (collection !== 0n && this.#secret.secret_collection_get_locked(collection) !== 0) {
      this.#object.g_object_unref(collection);
      return "locked";
    }
    const flags = isFirst ? SECRET_ITEM_CREATE_REPLACE : SECRET_ITEM_CREATE_NONE;
    try {
      this.#glib.withTable(new Map([[SCHEMA, GENERIC], ...attributes]), (table) => {
        // A service without a default collection makes one in this call, and may ask its user.
        if (collection === 0n) {
          return this.#glib.call((error) =>
            this.#secret.secret_service_store_sync(
              ...([service, 0n, table, 0n, name, value, 0n, error] as const),
            ),
          );
        }
        const item = this.#glib.call((error) =>
          this.#secret.secret_item_create_sync(
            ...([collection, 0n, table, name, value, flags, 0n, error] as const),
          ),
        );
        return this.#object.g_object_unref(item);
      });
    } finally {
      if (collection !== 0n) this.#object.g_object_unref(collection);
    }
    return "stored";
  }

  #isLocked(item: bigint): boolean {
    return this.#secret.secret_item_get_locked(item) !== 0;
  }

  /** Of an item that has all of `attributes`. One of another kind is another item, unless they name its kind. */
  #hasNoOthers(item: bigint, attributes: ReadonlyMap<string, string>): boolean {
    const { size, text } = this.#glib.tableOf(
      this.#secret.secret_item_get_attributes(item),
      SCHEMA,
    );
    const kind = text === GENERIC && !attributes.has(SCHEMA) ? 1 : 0;
    return size - kind === attributes.size;
  }

  /** Lends every item that has these attributes, and maybe others, locked or not. */
  #withItems<T>(
    service: bigint,
    attributes: ReadonlyMap<string, string>,
    use: (items: readonly bigint[]) => T,
  ): T {
    return this.#glib.withTable(attributes, (table) => {
      const list = this.#glib.call(
        (error) =>
          this.#secret.secret_service_search_sync(
            ...([service, 0n, table, SECRET_SEARCH_ALL, 0n, error] as const),
          ),
        true,
      );
      const items = this.#glib.itemsOf(list);
      try {
        return use(items);
      } finally {
        for (const item of items) this.#object.g_object_unref(item);
        this.#glib.freeList(list);
      }
    });
  }

  #withValue<T>(item: bigint, use: (value: ItemValue) => T): T {
    this.#glib.call((error) => this.#secret.secret_item_load_secret_sync(item, 0n, error));
    const value = this.#secret.secret_item_get_secret(item);
    const length = new BigUint64Array(1);
    try {
      const address = this.#secret.secret_value_get(value, new Uint8Array(length.buffer));
      const byteLength = Number(length[0] ?? 0n);
      return use({
        byteLength,
        modified: Number(this.#secret.secret_item_get_modified(item)),
        copyInto: (page) => this.#glib.copyInto(page, address, byteLength),
      });
    } finally {
      this.#secret.secret_value_unref(value);
    }
  }
}
