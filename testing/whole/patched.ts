/** Uses Lethe, patches what it took of its platform, and uses it again. Prints what each came to. */
import process from "node:process";
import { setTimeout as realTimeout } from "node:timers";
import { entryHere, USES } from "./uses_of_time.ts";

const entry = await entryHere();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const secrets = entry.openSecrets({ memory: "heap" });
const crypto = entry.openCrypto(secrets);
secrets.random(32).destroy();

const never = (): never => {
  throw new Error("a patched function was called");
};
const patch = (object: object, name: string, value: unknown): void => {
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
};
for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"]) {
  patch(globalThis, name, never);
}
patch(Date, "now", () => 0);
patch(globalThis.performance, "now", () => Number.NaN);
patch(globalThis.crypto, "getRandomValues", (bytes: Uint8Array) => bytes);
patch(ArrayBuffer.prototype, "transfer", function (this: ArrayBuffer) {
  return this; // keeps every view alive
});

realTimeout(() => {
  say("it hangs");
  process.exit(1);
}, 30_000);

const key = secrets.random(32);
say(`random ${key.expose((bytes) => new Set(bytes).size > 8)}`);
const message = new Uint8Array([1, 2, 3]);
const nonces = [crypto.encrypt(key, message), crypto.encrypt(key, message)].map((sealed) =>
  sealed.subarray(0, 24).join(),
);
say(`nonces ${new Set(nonces).size}`);
const escaped = [secrets, entry.openSecrets()].map((all) =>
  all.random(32).expose((bytes: Uint8Array) => bytes),
);
say(`escaped ${escaped.map(({ length }) => length).join()}`);
for (const [name, use] of Object.entries(USES)) say(`${name}: ${await use(entry)}`);
process.exit(0);
