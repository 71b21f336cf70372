import type { Ffi, Symbols } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";
import { TextDecoder } from "../../system/node_builtins.ts";
import { terminated } from "../../system/terminated.ts";
import { GLIB, LIBC } from "./libsecret_functions.ts";

/** An error of GLib: which kind it is, never what it says. */
export class GlibFailure extends Error {
  /** As `g-dbus-error-quark 2`. */
  readonly code: string;

  constructor(domain: string, code: number) {
    super("GLib failed");
    this.code = `${domain} ${code}`;
  }
}

/** Lists, tables and errors of GLib. */
export class Glib {
  readonly #libc: Symbols<typeof LIBC>;
  readonly #functions: Symbols<typeof GLIB>;
  readonly #ffi: Ffi;

  constructor(ffi: Ffi) {
    this.#ffi = ffi;
    this.#functions = ffi.open("libglib-2.0.so.0", GLIB);
    this.#libc = openLibrary(ffi, LIBC);
  }

  /** A variable of the environment, as GLib sees it. */
  variable(name: string): string | null {
    const address = this.#functions.g_getenv(terminated(name));
    return address === 0n ? null : this.#text(address);
  }

  /** As `/run/user/1000`. */
  runtimeFolder(): string {
    return this.#text(this.#functions.g_get_user_runtime_dir());
  }

  copyInto(page: Uint8Array<ArrayBuffer>, address: bigint, byteLength: number): void {
    this.#libc.memcpy(page, address, BigInt(byteLength));
  }

  /** The words of a list. */
  itemsOf(list: bigint): readonly bigint[] {
    const items: bigint[] = [];
    for (let at = list; at !== 0n; ) {
      const [data = 0n, next = 0n] = new BigUint64Array(this.#ffi.viewAt(at, 16));
      items.push(data);
      at = next;
    }
    return items;
  }

  /** Lends a table of the texts themselves: a table that compares addresses is only ever walked through. */
  withTable<T>(attributes: ReadonlyMap<string, string>, use: (table: bigint) => T): T {
    const table = this.#functions.g_hash_table_new(0n, 0n);
    const texts: bigint[] = [];
    try {
      for (const [name, value] of attributes) {
        const pair = [name, value].map((text) => this.#functions.g_strdup(terminated(text)));
        texts.push(...pair);
        this.#functions.g_hash_table_insert(table, pair[0] ?? 0n, pair[1] ?? 0n);
      }
      return use(table);
    } finally {
      this.#functions.g_hash_table_unref(table);
      for (const text of texts) this.#functions.g_free(text);
    }
  }

  /** @param mayBeNone whether 0 is a result, unless there is an error */
  call<T extends number | bigint>(
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
    const domain = this.#text(this.#functions.g_quark_to_string(BigInt(quark)));
    this.#functions.g_error_free(address);
    return new GlibFailure(domain, code);
  }

  #text(address: bigint): string {
    if (address === 0n) return "unknown";
    const length = Number(this.#libc.strlen(address));
    return new TextDecoder().decode(new Uint8Array(this.#ffi.viewAt(address, length)).slice());
  }

  freeList(list: bigint): void {
    if (list !== 0n) this.#functions.g_list_free(list);
  }

  /** Releases a table of texts. @returns its size, and the text under `name` */
  tableOf(table: bigint, name: string): { readonly size: number; readonly text: string | null } {
    const size = this.#functions.g_hash_table_size(table);
    const address = this.#functions.g_hash_table_lookup(table, terminated(name));
    const text = address === 0n ? null : this.#text(address);
    this.#functions.g_hash_table_unref(table);
    return { size, text };
  }
}
