/** The functions of `lethe/key-files`, `lethe/prompt` and `lethe/process`, as {@link Tried}. */
import { closeSync, openSync, writeFileSync } from "node:fs";
import { at, bytes, COST, type Entry, nameOf, type Scene, type Tried, told } from "./tried.ts";

const KEYS = ["passphrase", "cost", "keepPrevious", "trust", "asIs", "newPassphrase"] as const;
const CHEAP = { passes: 1, memoryBytes: 8 * 2 ** 20 } as const;

function keys({ entry, secrets }: Scene): ReturnType<Entry["openKeyFiles"]> {
  return entry.openKeyFiles(secrets, { onMisuse: "throw", cost: CHEAP });
}

export const FILES: Readonly<Record<string, Tried>> = {
  openKeyFiles: {
    names: ["onMisuse", "cost", "mostCost", "access"],
    run: ({ entry, secrets }) => told(entry.openKeyFiles(secrets).access),
  },
  create: {
    names: KEYS,
    run: (scene) =>
      at(scene, (path) => {
        const key = keys(scene).createAndRead(path, 32);
        const { form, keyBytes, mode } = keys(scene).inspect(path);
        const same = key.equals(keys(scene).read(path, 32));
        return told(form, keyBytes, mode, same);
      }),
  },
  rotate: {
    names: KEYS,
    run: (scene) =>
      at(scene, (path) => {
        keys(scene).create(path, "ed25519");
        const { previous, current } = keys(scene).rotate(path, "ed25519");
        const missing = nameOf(() => keys(scene).inspect(`${path}.previous`));
        return told(previous.secretKey.equals(current.secretKey), missing);
      }),
  },
  seal: {
    names: [...KEYS, ...COST, "form", "refusal", "header", "looksLike"],
    run: (scene) =>
      at(scene, (path) => {
        keys(scene).create(path, 32);
        const passphrase = scene.secrets.move(bytes(9));
        keys(scene).seal(path, 32, { passphrase });
        const { form, cost } = keys(scene).inspect(path);
        const refused = nameOf(() => keys(scene).read(path, 32));
        const { byteLength } = keys(scene).read(path, 32, { passphrase });
        return told(form, cost?.passes, cost?.memoryBytes, refused, byteLength);
      }),
  },
  "promptSecret of a file": {
    names: ["maxBytes", "mask", "descriptor", "isNew", "signal", "aborted"],
    run: (scene) =>
      at(scene, async (path) => {
        writeFileSync(path, "a line\n");
        const descriptor = openSync(path, "r");
        try {
          const line = await scene.entry.promptSecret(scene.secrets, "x", { descriptor });
          return told(line.byteLength);
        } finally {
          closeSync(descriptor);
        }
      }),
  },
  wipeOnExit: {
    names: ["handledSignals", "Deno"],
    run: ({ entry, secrets }) => told(entry.wipeOnExit(secrets)()),
  },
};

/** For the end: it cannot be taken back. */
export const PROCESS: Readonly<Record<string, Tried>> = {
  hardenProcess: {
    names: ["diesWithParent", "parentSignal", "require", "reason", "outcome", "NODE_OPTIONS"],
    run({ entry }) {
      const steps = Object.entries(entry.hardenProcess());
      return told(...steps.map(([name, { outcome }]) => `${name}:${outcome}`));
    },
  },
};
