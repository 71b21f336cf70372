/**
 * A page that holds and ends a secret in a browser without `Symbol.dispose`. It cannot be deleted, so
 * that another `Symbol` stands in before anything is loaded.
 */
const { console } = globalThis;
const whole = Symbol;
globalThis.Symbol = new Proxy((() => undefined) as unknown as SymbolConstructor, {
  apply: (_, __, [description]) => whole(description),
  get: (_, key) => (key === "dispose" ? undefined : Reflect.get(whole, key)),
});
const { openSecrets } = await import("../../../adapters/web/mod.ts");
const secrets = openSecrets();
const secret = secrets.random(32);
const escaped = secret.expose((bytes) => bytes);
secret.destroy();
const another = secrets.random(32);
secrets.purge();
const misnamed = [secrets, secret].some((object) => "undefined" in object);
console.error(`held ${secret.state} ${another.state} ${escaped.length} ${misnamed}`);

export {};
