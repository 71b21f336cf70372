/**
 * Loads Lethe's build in a vm context, as jest does: its intrinsics are that context's, while
 * `TextEncoder`, Buffer and what node: modules give are of the main realm. Then it passes bytes of both.
 *
 *     node --experimental-vm-modules in_context.ts
 */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";
import { requireBuilt } from "../build_stamp.ts";
import { readers } from "./readers.ts";
import { type Make, openTakers, outcomes, takers } from "./takers.ts";
import type { Entry } from "./tried.ts";

const GLOBALS = [
  ...["btoa", "atob"],
  ...["process", "Buffer", "crypto", "performance", "TextEncoder", "TextDecoder", "URL", "console"],
  ...["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "DOMException"],
  ...["queueMicrotask", "structuredClone", "ReadableStream", "WritableStream", "TransformStream"],
  ...["AbortController", "AbortSignal", "Event", "EventTarget"],
] as const;
const context = vm.createContext(
  Object.fromEntries(GLOBALS.map((name) => [name, (globalThis as Record<string, unknown>)[name]])),
);
vm.runInContext("globalThis.globalThis = globalThis", context);

const modules = new Map<string, Promise<vm.Module>>();

function load(url: string): Promise<vm.Module> {
  const known = modules.get(url);
  if (known !== undefined) return known;
  const loading = isBuiltin(url) ? builtin(url) : source(url);
  modules.set(url, loading);
  return loading;
}

async function builtin(name: string): Promise<vm.Module> {
  const all: Record<string, unknown> = { ...(await import(name)) };
  return new vm.SyntheticModule(
    Object.keys(all),
    function (this: vm.SyntheticModule) {
      for (const [key, value] of Object.entries(all)) this.setExport(key, value);
    },
    { context, identifier: name },
  );
}

async function source(url: string): Promise<vm.Module> {
  return new vm.SourceTextModule(readFileSync(fileURLToPath(url), "utf8"), {
    context,
    identifier: url,
    initializeImportMeta: (meta) => {
      meta.url = url;
    },
    importModuleDynamically: (async (specifier: string) =>
      await linked(resolve(specifier, url))) as never,
  });
}

function resolve(specifier: string, from: string): string {
  if (isBuiltin(specifier)) return specifier;
  if (specifier.startsWith(".")) return new URL(specifier, from).href;
  return pathToFileURL(createRequire(from).resolve(specifier)).href;
}

async function linked(url: string): Promise<vm.Module> {
  const module = await load(url);
  if (module.status === "unlinked") {
    await module.link((specifier, { identifier }) => load(resolve(specifier, identifier)));
  }
  if (module.status === "linked") await module.evaluate();
  return module;
}

requireBuilt();
const dist = new URL("../../dist/adapters/node/mod.js", import.meta.url).href;
const entry = (await linked(dist)).namespace as unknown as Entry;
const foreign = vm.runInContext("Uint8Array", context) as Uint8ArrayConstructor;
if (foreign === Uint8Array) throw new Error("the context has no realm of its own");
const scene = await openTakers(entry);

const MAKES: Readonly<Record<string, Make>> = {
  "of the main realm": (content) => Uint8Array.from(content),
  "a Buffer": (content) => Buffer.from(content) as Uint8Array<ArrayBuffer>,
  "of the context": (content) => foreign.from(content),
};
const said: Record<string, unknown> = {};
for (const [kind, make] of Object.entries(MAKES)) {
  const failed = Object.entries(await outcomes(takers(scene, make))).filter(
    ([, what]) => what !== "",
  );
  said[kind] = Object.fromEntries(failed);
}

// Secrets of two copies, one in each realm.
const main = await import(dist);
for (const [kind, own, other] of [
  ["secrets of the main realm", entry, main],
  ["secrets of the context", main, entry],
] as const) {
  const theirs = other.openSecrets({ memory: "heap" });
  const mine = own.openSecrets({ memory: "heap" });
  const failed: Record<string, string> = {};
  for (const [name, call] of Object.entries(readers(own, mine, () => theirs.random(32)))) {
    const what = await call();
    if (what !== "") failed[name] = what;
  }
  said[kind] = failed;
}

// Options, dates and signals of the main realm, in functions of the context.
const { custodian, secrets } = scene;
await custodian.generate("dated", "key", { expires: new Date(Date.now() + 60_000), uses: 2 });
await custodian.close();
const signal = AbortSignal.abort("stopped");
const aborted = await entry
  .promptSecret(secrets, "", { descriptor: 0, signal })
  .catch((reason: unknown) => reason);
const wrong = [
  () => entry.openSecrets(new Map() as never),
  () => secrets.move("text" as never),
].map((call) => {
  try {
    return call() && "taken";
  } catch (error) {
    return (error as Error).message.slice(0, 40);
  }
});
process.stdout.write(
  `${JSON.stringify({ said, aborted, wrong, memory: entry.openSecrets().memory })}\n`,
);
process.exit(0);
