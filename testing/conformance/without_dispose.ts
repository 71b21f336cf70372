/**
 * Takes `Symbol.dispose` away, as in older browsers, before anything is loaded: it cannot be deleted,
 * so that another `Symbol` stands in. Then makes and ends one of each, and runs the suite from inside.
 */
const MISSING: readonly PropertyKey[] = ["dispose", "asyncDispose"];
const whole = Symbol;
globalThis.Symbol = new Proxy((() => undefined) as unknown as SymbolConstructor, {
  apply: (_, __, [description]) => whole(description),
  get: (_, key) => (MISSING.includes(key) ? undefined : Reflect.get(whole, key)),
});

const { HeapMemory } = await import("../../memories/heap/mod.ts");
const { openEnclaves } = await import("../../features/enclave/mod.ts");
const { openSecrets } = await import("../../adapters/node/mod.ts");
const { FROM_INSIDE, runConformance } = await import("../../conformance/mod.ts");

const secrets = openSecrets({ memory: "heap" });
const secret = secrets.random(32);
const sealed = openEnclaves(secrets).seal(secrets.random(32));
const clone = secret.clone();
const objects = [secrets, secret, sealed];
const named = objects.flatMap((object) =>
  [object, Object.getPrototypeOf(object)].flatMap(Object.getOwnPropertyNames),
);
secret.destroy();
sealed.destroy();
secrets.purge();

const report = await runConformance({ memory: () => new HeapMemory() }, FROM_INSIDE);
const { reason } = report.results.find(({ id }) => id === "L9") ?? {};
process.stdout.write(
  JSON.stringify({
    symbols: [typeof Symbol.dispose, typeof Symbol.asyncDispose],
    named: named.filter((name) => name === "undefined"),
    states: [secret.state, sealed.state, clone.state],
    failed: report.failed,
    notRun: report.notRun,
    notDisposed: reason,
  }),
);
