/**
 * Calls every function while each name that occurs in Lethe's source is a getter on
 * `Object.prototype`, and prints which of them Lethe's own code asks for: such a read would take what a
 * bug elsewhere in the program put there.
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { EVERY_FUNCTION, setScene } from "./every_function.ts";
import { entryHere } from "./uses_of_time.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
/** What the language itself reads at each use of an iterator or a descriptor, whoever writes it. */
const OF_THE_LANGUAGE = [
  "return",
  "then",
  "get",
  "set",
  "value",
  "writable",
  "enumerable",
  "configurable",
];

function namesIn(folder: string, names: Set<string>): Set<string> {
  for (const entry of readdirSync(`${ROOT}${folder}`, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) namesIn(path, names);
    if (!entry.name.endsWith(".ts") || entry.name.endsWith(".test.ts")) continue;
    const text = readFileSync(`${ROOT}${path}`, "utf8");
    for (const [name] of text.matchAll(/[A-Za-z_$][\w$]*/g)) names.add(name);
  }
  return names;
}

const ROOMS = ["core", "system", "memories", "engines", "features", "adapters"];
const names = new Set(["0", "1", "2"]);
for (const room of ROOMS) namesIn(room, names);
for (const name of [
  ...OF_THE_LANGUAGE,
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(globalThis),
]) {
  names.delete(name);
}
for (const name of ["Deno", "Bun", "process"]) if (!(name in globalThis)) names.add(name);

const OWN = new RegExp(`${ROOT}(?:${ROOMS.join("|")})/[^:)]*:\\d+`);
const hits = new Set<string>();
let armed = false;
let looking = false;

/** Who asks: Lethe, when the first line of the trace is of its own source. */
function note(name: string): void {
  if (!armed || looking) return;
  looking = true;
  const [, ...frames] = (new Error("asked").stack ?? "")
    .split("\n")
    .filter((line) => !line.includes("tripwire.ts"));
  const [place] = OWN.exec(frames[0] ?? "") ?? [];
  if (place !== undefined) hits.add(`${name} at ${place.slice(ROOT.length)}`);
  looking = false;
}

function arm(): void {
  for (const name of names) {
    const trap = Object.assign(Object.create(null), {
      configurable: true,
      get(): void {
        note(name);
      },
      set(this: object, value: unknown): void {
        const own = { value, writable: true, enumerable: true, configurable: true };
        Object.defineProperty(this, name, Object.assign(Object.create(null), own));
      },
    });
    Object.defineProperty(Object.prototype, name, trap);
  }
  armed = true;
}

function disarm(): void {
  armed = false;
  for (const name of names) Reflect.deleteProperty(Object.prototype, name);
}

const scene = await setScene(await entryHere());
const failed: string[] = [];
// Once without: what is loaded late is loaded then.
for (const [, { run }] of EVERY_FUNCTION) await run(scene);
arm();
for (const [title, { run }] of EVERY_FUNCTION) {
  try {
    await run(scene);
  } catch (error) {
    failed.push(`${title}: ${String(error)}`);
  }
}
disarm();
await scene.end();
process.stdout.write(`${JSON.stringify({ names: names.size, hits: [...hits], failed })}\n`);
process.exit(0);
