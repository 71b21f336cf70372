/**
 * The doors of the package: one table, from which the exports of package.json and deno.json are made.
 *
 *     node tools/doors.ts            writes them
 *     node tools/doors.ts --check    fails when they differ
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { isDeepStrictEqual } from "node:util";

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

/** JSR has no conditions: its modules are Deno's, and what is no module of an API stays away. */
const NOT_ON_JSR = new Set(["./custodian-program"]);

function forNpm(): Record<string, unknown> {
  const built = (path: string): string => `./dist/${path}.js`;
  const entries = Object.entries(DOORS).map(([name, door]) => [
    name,
    typeof door === "string"
      ? built(door)
      : Object.fromEntries(Object.entries(door).map(([at, path]) => [at, built(path)])),
  ]);
  return { ...Object.fromEntries(entries), "./package.json": "./package.json" };
}

function forJsr(): Record<string, string> {
  const entries = Object.entries(DOORS)
    .filter(([name]) => !NOT_ON_JSR.has(name))
    .map(([name, door]) => [
      name,
      `./${typeof door === "string" ? door : (door["deno"] ?? door["default"])}.ts`,
    ]);
  return Object.fromEntries(entries);
}

let differ = false;
for (const [file, wanted] of [
  ["package.json", forNpm()],
  ["deno.json", forJsr()],
] as const) {
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const same =
    isDeepStrictEqual(manifest["exports"], wanted) &&
    JSON.stringify(manifest["exports"]) === JSON.stringify(wanted); // the order of conditions counts
  if (same) continue;
  if (process.argv.includes("--check")) {
    process.stdout.write(
      `The exports of ${file} are not those of tools/doors.ts: node tools/doors.ts\n`,
    );
    differ = true;
  } else {
    writeFileSync(file, `${JSON.stringify({ ...manifest, exports: wanted }, null, 2)}\n`);
  }
}
process.exitCode = differ ? 1 : 0;
