/** The functions of `lethe` and `lethe/enclave`, as {@link Tried}. */
import type { Secrets } from "../../adapters/node/mod.ts";
import { through } from "./through.ts";
import { bytes, MESSAGE, type Tried, told } from "./tried.ts";

export const CORE: Readonly<Record<string, Tried>> = {
  openSecrets: {
    names: ["memory", "require", "onMisuse", "trackLeaks", "engine"],
    run({ entry }) {
      const secrets = entry.openSecrets();
      const given = entry.openSecrets({ memory: "heap" });
      return told(secrets.memory, given.memory, secrets.passedOver.length, given.stats.live);
    },
  },
  allocate: { names: ["byteLength"], run: ({ secrets }) => told(secrets.allocate(8).byteLength) },
  random: {
    names: ["randomize", "fill"],
    run: ({ secrets }) => told(secrets.random(32).expose((all) => new Set(all).size > 4)),
  },
  move: {
    names: ["length", "buffer", "byteOffset"],
    run: ({ secrets }) => told(secrets.move(bytes(9)).expose((all) => all.join())),
  },
  decode: {
    names: ["hex", "base64"],
    run: ({ secrets }) => told(secrets.decode(Uint8Array.of(48, 49), "hex").byteLength),
  },
  encode: {
    names: ["base64url"],
    run: ({ secrets }) => told(secrets.encode(secrets.random(3), "hex").byteLength),
  },
  expose: {
    names: ["then", "use"],
    run: ({ secrets }) => told(secrets.random(3).expose((all) => all.length)),
  },
  modify: {
    names: ["frozen", "state"],
    run: ({ secrets }) => told(secrets.random(3).modify((all) => all.fill(1).join())),
  },
  slice: {
    names: ["start", "end"],
    run: ({ secrets }) => told(secrets.random(9).slice().byteLength),
  },
  equals: { names: ["other"], run: ({ secrets }) => told(secrets.random(9).equals(bytes(9))) },
  exposeAll: {
    names: ["protectAll", "0", "1"],
    run: ({ entry, secrets }) =>
      told(
        entry.exposeAll([secrets.random(3), secrets.random(4)], (views) =>
          views.map(({ length }) => length),
        ),
        entry.exposeAll([], (views) => views.length),
      ),
  },
  capacity: {
    names: ["capacity", "regions", "locked"],
    run: ({ entry }) => told(entry.openSecrets({ memory: "heap" }).capacity(32)),
  },
  purge: {
    names: ["sweep"],
    run({ entry }) {
      const secrets = entry.openSecrets({ memory: "heap" });
      secrets.random(3);
      secrets.purge();
      return told(secrets.stats.live);
    },
  },
  guarantees: {
    names: ["level", "verified", "evidence", "hidden", "isolated", "off-heap"],
    run: ({ entry }) =>
      told(
        ...Object.entries(entry.openSecrets({ memory: "heap" }).guarantees).map(
          ([name, { level, verified }]) => `${name}:${level}:${verified}`,
        ),
      ),
  },
  seal: {
    names: ["slots", "vault", "id"],
    async run({ entry, secrets }) {
      const enclave = entry.openEnclaves(secrets).seal(secrets.move(bytes(5)));
      await entry.openEnclaves(secrets).rekey();
      return told(
        enclave.expose((all) => all.join()),
        enclave.unseal().byteLength,
      );
    },
  },
  sealStream: {
    names: ["key", "chunkBytes", "highWaterMark", "size", "type", "start", "autoAllocateChunkSize"],
    async run({ entry, secrets }) {
      const sealed = await through(entry.openEnclaves(secrets).sealStream(), [MESSAGE.slice()]);
      const [opened] = await through(entry.openEnclaves(secrets).unsealStream(), sealed);
      const text = (opened as ReturnType<Secrets["random"]>).expose((all) => all.join());
      return told(sealed.map((chunk) => (chunk as Uint8Array).length).join(), text);
    },
  },
};
