// polluted_loader.ts CASE FOLDER: pollutes Object.prototype after Lethe was imported and before it has loaded a
// native module, then holds and uses a secret. Prints what it got, as JSON.
import { existsSync, realpathSync, writeFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { entryHere } from "./uses_of_time.ts";

const [what = "", folder = ""] = process.argv.slice(2);
const mark = `${folder}/ran`;
const evil = `${folder}/evil.cjs`;
writeFileSync(
  evil,
  `require("node:fs").writeFileSync(${JSON.stringify(mark)}, ""); throw new Error("evil");`,
);
const evilUrl = pathToFileURL(evil).href;
const binding = pathToFileURL(realpathSync("node_modules/sodium-native/binding.js")).href;

const CASES: Readonly<Record<string, () => object>> = {
  nothing: () => ({}),
  builtins: () => ({ builtins: ["sodium-native"], builtinProtocol: `${evilUrl}#` }),
  resolutions: () => ({ resolutions: { [binding]: { ".": evilUrl } } }),
  name: () => ({ isAdmin: true, default: 1, x: null, path: "/", code: "MODULE_NOT_FOUND" }),
  descriptor: () => ({ value: 1, writable: false }),
  getter: () => ({ get: 1, set: 2 }),
};

const { openCrypto, openSecrets } = await entryHere();
const planted = CASES[what]?.() ?? {};
void process.stderr;
Object.assign(Object.prototype, planted);
const said: Record<string, unknown> = Object.create(null);
try {
  const secrets = openSecrets();
  said["memory"] = secrets.memory;
  const crypto = openCrypto(secrets);
  said["engine"] = crypto.engine;
  crypto.encrypt(secrets.random(32), new Uint8Array(9));
} catch (error) {
  said["error"] = String(error);
}
said["kept"] = Object.keys(planted).every((key) =>
  Object.is(Object.getOwnPropertyDescriptor(Object.prototype, key)?.value, (planted as never)[key]),
);
for (const key of Object.keys(planted)) Reflect.deleteProperty(Object.prototype, key);
said["stderr"] = typeof process.stderr;
said["ran"] = existsSync(mark);
process.stdout.write(JSON.stringify(said));
