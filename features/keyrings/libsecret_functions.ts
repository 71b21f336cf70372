/** The functions of libsecret and GLib that are called. */

// Pointers are words. A `GError **` is eight bytes in which an address comes back.
export const LIBC = {
  memcpy: { parameters: ["bytes", "usize", "usize"], result: "void" },
  strlen: { parameters: ["usize"], result: "usize" },
} as const;
export const GLIB = {
  g_getenv: { parameters: ["bytes"], result: "usize" },
  g_get_user_runtime_dir: { parameters: [], result: "usize" },
  g_hash_table_new: { parameters: ["usize", "usize"], result: "usize" },
  g_hash_table_insert: { parameters: ["usize", "usize", "usize"], result: "i32" },
  g_hash_table_lookup: { parameters: ["usize", "bytes"], result: "usize" },
  g_hash_table_size: { parameters: ["usize"], result: "i32" },
  g_hash_table_unref: { parameters: ["usize"], result: "void" },
  g_strdup: { parameters: ["bytes"], result: "usize" },
  g_free: { parameters: ["usize"], result: "void" },
  g_list_free: { parameters: ["usize"], result: "void" },
  g_error_free: { parameters: ["usize"], result: "void" },
  g_quark_to_string: { parameters: ["usize"], result: "usize" },
} as const;
export const GOBJECT = { g_object_unref: { parameters: ["usize"], result: "void" } } as const;
export const GIO = {
  g_dbus_proxy_set_default_timeout: { parameters: ["usize", "i32"], result: "void" },
} as const;
export const SECRET = {
  secret_service_get_sync: { parameters: ["i32", "usize", "bytes"], result: "usize" },
  secret_service_search_sync: {
    parameters: ["usize", "usize", "usize", "i32", "usize", "bytes"],
    result: "usize",
  },
  secret_service_store_sync: {
    parameters: ["usize", "usize", "usize", "usize", "bytes", "usize", "usize", "bytes"],
    result: "i32",
  },
  secret_collection_for_alias_sync: {
    parameters: ["usize", "bytes", "i32", "usize", "bytes"],
    result: "usize",
  },
  secret_collection_get_locked: { parameters: ["usize"], result: "i32" },
  secret_item_create_sync: {
    parameters: ["usize", "usize", "usize", "bytes", "usize", "i32", "usize", "bytes"],
    result: "usize",
  },
  secret_item_delete_sync: { parameters: ["usize", "usize", "bytes"], result: "i32" },
  secret_item_get_attributes: { parameters: ["usize"], result: "usize" },
  secret_item_set_secret_sync: {
    parameters: ["usize", "usize", "usize", "bytes"],
    result: "i32",
  },
  secret_item_set_label_sync: { parameters: ["usize", "bytes", "usize", "bytes"], result: "i32" },
  secret_item_get_locked: { parameters: ["usize"], result: "i32" },
  secret_item_load_secret_sync: { parameters: ["usize", "usize", "bytes"], result: "i32" },
  secret_item_get_secret: { parameters: ["usize"], result: "usize" },
  secret_item_get_modified: { parameters: ["usize"], result: "usize" },
  secret_value_new: { parameters: ["bytes", "isize", "bytes"], result: "usize" },
  secret_value_get: { parameters: ["usize", "bytes"], result: "usize" },
  secret_value_unref: { parameters: ["usize"], result: "void" },
} as const;
