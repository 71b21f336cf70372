/** The functions of `lethe/sources` and `lethe/rotation`, as {@link Tried}. */
import { chmodSync, writeFileSync } from "node:fs";
import process from "node:process";
import type * as Keyrings from "../../adapters/node/doors/keyrings.ts";
import { rotating } from "../../features/rotation/mod.ts";
import { at, codeIn, codeOf, MESSAGE, type Tried, told } from "./tried.ts";

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const { openKernelKeyring }: typeof Keyrings = await import(
  `../../adapters/${runtime}/doors/keyrings.ts`
);
const TRIMMING = ["newline", "byteOrderMark"] as const;
const BOUNDS = ["maxBytes", "timeout", "signal", "aborted"] as const;
const RECORD = ["version", "fields", "expiresAt", "land", "residue", "name"] as const;

/** Node's functions read their options from prototypes too: none is given. */
function writeLine(path: string): void {
  writeFileSync(path, "a line\n");
  chmodSync(path, 0o600);
}

export const SOURCES: Readonly<Record<string, Tried>> = {
  readSecret: {
    names: [...TRIMMING, ...BOUNDS, "trust"],
    run: (scene) =>
      at(scene, async (path) => {
        const { entry, secrets } = scene;
        writeLine(path);
        const read = await entry.readSecret(secrets, `file:${path}`);
        const missing = await codeOf(entry.readSecret(secrets, `file:${path}.none`));
        return told(read.byteLength, missing);
      }),
  },
  openFileSource: {
    names: [...TRIMMING, ...RECORD, "trust", "maxBytes", "signal"],
    run: (scene) =>
      at(scene, async (path) => {
        const { entry, secrets } = scene;
        writeLine(path);
        const source = entry.openFileSource();
        const record = await source.read(path, { land: entry.landingOf(secrets) });
        return told(record.field().byteLength, record.expiresAt, source.residue.length);
      }),
  },
  openExecSource: {
    names: [...TRIMMING, "maxBytes", "timeout", ...RECORD, "environment", "stderr"],
    async run({ entry, secrets }) {
      const land = entry.landingOf(secrets);
      const record = await entry.openExecSource().read("/bin/echo a line", { land });
      return told(record.field().byteLength, record.fields.size);
    },
  },
  openEnvironmentSource: {
    names: [...TRIMMING, ...RECORD, "signal"],
    async run({ entry, secrets }) {
      process.env["LETHE_TRIED"] = "a line";
      const land = entry.landingOf(secrets);
      const record = await entry.openEnvironmentSource().read("LETHE_TRIED", { land });
      return told(record.field().byteLength, process.env["LETHE_TRIED"]);
    },
  },
  openKernelKeyring: {
    names: [...RECORD, "keyring", "type", "seconds", "signal"],
    async run({ entry, secrets }) {
      const secret = secrets.move(MESSAGE.slice());
      try {
        const keyring = openKernelKeyring({ keyring: "process" });
        keyring.add("lethe-tried", secret);
        const record = await keyring.read("lethe-tried", { land: entry.landingOf(secrets) });
        keyring.revoke("lethe-tried");
        return told(record.field().byteLength, record.expiresAt);
      } catch (error) {
        return codeIn(error); // a machine without it
      }
    },
  },
  rotating: {
    names: [
      ...["overlap", "refreshBefore", "jitter", "pollEvery", "timeout", "watch", "onEvent"],
      ...RECORD,
    ],
    async run({ entry, secrets }) {
      const source = new entry.MemorySource();
      source.set("it", [["value", secrets.move(MESSAGE.slice())]]);
      const rotated = await rotating(secrets, source, "it");
      source.set("it", [["value", secrets.move(MESSAGE.slice(1))]]);
      await rotated.refresh();
      const lengths = rotated.use((current, previous) => [
        current.field().byteLength,
        previous?.field().byteLength,
      ]);
      const { state } = rotated;
      rotated.close();
      return told(...lengths, state, rotated.state);
    },
  },
};
