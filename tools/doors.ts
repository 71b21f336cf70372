/** The doors of the package: one table, from which the exports of package.json and deno.json are made. */

/** Runtimes that have doors of their own. */
const SERVERS = ["deno", "bun", "node"] as const;

/** The module of a door: the same everywhere, or one for each condition, in the order of their look-up. */
type Door = string | Readonly<Record<string, string>>;

/** Doors that each server runtime has a module of its own for, in `adapters/RUNTIME/doors`. */
const ofServers = (name: string): Door => ({
  deno: `adapters/deno/doors/${name}`,
  bun: `adapters/bun/doors/${name}`,
  workerd: `adapters/web/doors/${name}`,
  node: `adapters/node/doors/${name}`,
  default: `adapters/web/doors/${name}`,
});

/** Modules by their path, without the end. */
export const DOORS: Readonly<Record<string, Door>> = {
  ".": {
    deno: "adapters/deno/doors/main",
    bun: "adapters/bun/doors/main",
    workerd: "adapters/workerd/main",
    node: "adapters/node/doors/main",
    browser: "adapters/web/by_browser",
    default: "adapters/web/by_default",
  },
  "./crypto": "features/crypto/mod",
  "./enclave": "features/enclave/mod",
  "./keys": "features/keys/mod",
  "./envelopes": "features/envelopes/mod",
  "./key-cache": "features/key_cache/mod",
  "./stores": "features/stores/mod",
  "./key-services": "features/key_services/mod",
  "./rotation": ofServers("rotation"),
  "./key-files": ofServers("key_files"),
  "./keyrings": ofServers("keyrings"),
  "./prompt": ofServers("prompt"),
  "./custodian": ofServers("custodian"),
  "./agent": ofServers("agent"),
  "./process": ofServers("process"),
  "./sources": ofServers("sources"),
  "./age-plugins": ofServers("age_plugins"),
  "./pkcs11": ofServers("pkcs11"),
  "./systemd-creds": ofServers("systemd_creds"),
  "./memory": {
    deno: "adapters/deno/doors/memory",
    bun: "adapters/bun/doors/memory",
    workerd: "adapters/workerd/doors/memory",
    node: "adapters/node/doors/memory",
    default: "adapters/web/doors/memory",
  },
  "./engine": "core/engine_door",
  "./standard": "core/standard/mod",
  "./libsodium": "engines/libsodium/libsodium_engine",
  "./noble": "engines/noble/noble_engine",
  "./dangerous": "core/dangerous",
  "./conformance": {
    deno: "conformance/mod",
    bun: "conformance/mod",
    workerd: "conformance/inside",
    browser: "conformance/inside",
    default: "conformance/mod",
  },
  "./node": "adapters/node/mod",
  "./deno": "adapters/deno/mod",
  "./bun": "adapters/bun/mod",
  "./web": "adapters/web/mod",
  "./workerd": "adapters/workerd/mod",
  "./custodian-program": {
    deno: "adapters/deno/custodian_main",
    bun: "adapters/bun/custodian_main",
    default: "adapters/node/custodian_main",
  },
};

/** The modules of all doors. */
export function doorModules(): readonly string[] {
  return [...new Set(Object.values(DOORS).flatMap(modulesOf))];
}

/** The modules that pages, and workers that are none of a server's, get. */
export function pageModules(): readonly string[] {
  const ofServer = new Set(
    Object.values(DOORS).flatMap((door) =>
      typeof door === "string" ? [] : SERVERS.map((condition) => door[condition]),
    ),
  );
  return doorModules().filter(
    (module) =>
      !ofServer.has(module) && !SERVERS.some((name) => module.startsWith(`adapters/${name}/`)),
  );
}

function modulesOf(door: Door): readonly string[] {
  return typeof door === "string" ? [door] : Object.values(door);
}

/** The module of a door on JSR, which has no conditions: that of Deno. */
export function moduleOnJsr(name: string): string {
  const door = DOORS[name] ?? "";
  return `./${typeof door === "string" ? door : (door["deno"] ?? door["default"])}.ts`;
}

/** The same of a door that has an API; null for a program, which has none. */
export function moduleOnDeno(name: string): string | null {
  return name in DOORS && name !== "./custodian-program" ? moduleOnJsr(name) : null;
}

/** What package.json says of a door. */
export function conditionsOf(name: string): unknown {
  const built = (path: string): string => `./dist/${path}.js`;
  const door = DOORS[name] ?? {};
  if (typeof door !== "string") {
    return Object.fromEntries(Object.entries(door).map(([at, path]) => [at, built(path)]));
  }
  return built(door);
}
