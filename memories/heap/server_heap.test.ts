import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { SOAK } from "../../testing/tier.ts";

const NODES = ["node-22", "node-24", "node-26"].filter((name) => SOAK || name === "node-24");
const ENTRY = JSON.stringify(new URL("../../adapters/node/mod.ts", import.meta.url));

/** Everything that random bytes and the clock of Node come from, replaced after Lethe was loaded and before it is used. */
const PATCHES = `
const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
const seven = (view) => (bytesOf(view).fill(7), view);
const patch = (object, values) => { for (const [name, value] of Object.entries(values))
  Object.defineProperty(object, name, { value, configurable: true, writable: true }); };
const { getBuiltinModule } = process;
const fs = getBuiltinModule("node:fs");
patch(Crypto.prototype, { getRandomValues: seven });
patch(globalThis, { crypto: { getRandomValues: seven } });
patch(Performance.prototype, { now: () => 1 });
patch(globalThis, { performance: { now: () => 1 } });
patch(process, { hrtime: () => [1, 1], getBuiltinModule: () => ({ webcrypto: { getRandomValues: seven } }) });
patch(fs, { readSync: (descriptor, bytes) => seven(bytes).byteLength, openSync: () => 0,
  fstatSync: () => ({ isCharacterDevice: () => true }), closeSync: () => undefined });
getBuiltinModule("node:module").syncBuiltinESMExports();
`;

/** What is 7 all over shows who chose it. */
const USES = `
const spread = (bytes) => new Set(bytes).size > 8;
const secrets = openSecrets({ memory: "heap" });
const said = { "in heap memory": secrets.random(32).expose(spread) };
const inner = new HeapMemory();
const memory = { name: "own", guarantees: inner.guarantees, allocate: (length) => inner.allocate(length) };
said["in a memory without a generator"] = openSecrets({ memory }).random(32).expose(spread);
const nonce = new Uint8Array(24);
freshOf(secrets).fill(nonce);
said.nonce = spread(nonce.subarray(8)); // the time and a count are in the first eight
const before = monotonicNow();
for (let at = 0; at < 1e5; at++);
said.clock = monotonicNow() > before;
console.log(JSON.stringify(said));`;

function run(name: string, ...flags: readonly string[]): unknown {
  const program = `
    import { HeapMemory, openSecrets } from ${ENTRY};
    import { freshOf } from ${JSON.stringify(new URL("../../core/fresh.ts", import.meta.url))};
    import { monotonicNow } from ${JSON.stringify(new URL("../../core/globals.ts", import.meta.url))};
    ${PATCHES}${USES}`;
  const { stdout, stderr } = spawnSync(
    `node_modules/${name}/bin/node`,
    ["--no-warnings", ...flags, "--input-type=module", "--eval", program],
    { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } },
  );
  return stderr === "" ? JSON.parse(stdout) : stderr;
}

describe.each(NODES)("on %s, what a program patches once Lethe is loaded", (name) => {
  const right = {
    "in heap memory": true,
    "in a memory without a generator": true,
    nonce: true,
    clock: true,
  };
  it("STAND-1, STAND-3: chooses no random byte and no time", () => {
    expect(run(name)).toEqual(right);
  });

  it.runIf(SOAK)("STAND-2: nor where the system's device may not be read", () => {
    const readable = [process.cwd(), `${process.cwd()}/*`].map((path) => `--allow-fs-read=${path}`);
    expect(run(name, "--permission", "--allow-addons", ...readable)).toEqual(right);
  });
});
