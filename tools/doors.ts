/** The doors of the package: one table, from which the exports of package.json and deno.json are made. */

/** Runtimes whose doors are bundled. */
export const SERVERS = ["deno", "bun", "node"] as const;

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
  "./rotation": "features/rotation/mod",
  "./key-files": ofServers("key_files"),
  "./prompt": ofServers("prompt"),
  "./custodian": ofServers("custodian"),
  "./process": ofServers("process"),
  "./memory": {
    deno: "adapters/deno/doors/memory",
    bun: "adapters/bun/doors/memory",
    workerd: "adapters/workerd/doors/memory",
    node: "adapters/node/doors/memory",
    default: "adapters/web/doors/memory",
  },
  "./engine": "core/engine_door",
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

/** Whether a door without conditions is one of the web as well: servers then have it bundled, apart. */
const isForAll = (module: string): boolean => !/^adapters\//.test(module);

/** What a door is on servers: modules by their place in `dist`. */
export function forServers(name: string): Readonly<Record<string, string>> {
  const door = DOORS[name];
  if (door === undefined) return {};
  if (typeof door === "string") {
    if (isForAll(door)) return { [`server/${name.slice(2)}`]: door };
    return SERVERS.some((server) => door.startsWith(`adapters/${server}/`)) ? { [door]: door } : {};
  }
  const own = ["deno", "bun", "node", "default"].map((condition) => door[condition]);
  const modules = own.filter((module) => module !== undefined && !/^adapters\/web\//.test(module));
  return Object.fromEntries(modules.map((module) => [module, module]));
}

/** The module of a door on Deno and JSR, which has no conditions; null for a program, which is no API. */
export function moduleOnDeno(name: string): string | null {
  const door = DOORS[name];
  if (door === undefined || name === "./custodian-program") return null;
  return `./${typeof door === "string" ? door : (door["deno"] ?? door["default"])}.ts`;
}

/** What package.json says of a door. */
export function conditionsOf(name: string): unknown {
  const built = (path: string): string => `./dist/${path}.js`;
  const door = DOORS[name] ?? {};
  if (typeof door !== "string") {
    return Object.fromEntries(Object.entries(door).map(([at, path]) => [at, built(path)]));
  }
  if (!isForAll(door)) return built(door);
  const server = built(`server/${name.slice(2)}`);
  return {
    types: `./dist/${door}.d.ts`,
    ...Object.fromEntries(["deno", "bun"].map((condition) => [condition, server])),
    workerd: built(door),
    node: server,
    default: built(door),
  };
}
