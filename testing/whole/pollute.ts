/**
 * Calls every function while one name of `Object.prototype` has a value, for each name and several
 * values, and prints where the outcome is another than without.
 *
 *     pollute.ts one|all    "all" takes every value, and starts a custodian under each name too
 */
import process from "node:process";
import { EVERY_FUNCTION, setScene } from "./every_function.ts";
import type { Scene, Tried } from "./tried.ts";
import { entryHere } from "./uses_of_time.ts";

const VALUES: readonly unknown[] = [1, "heap", true, [], {}, null];
/** What runtimes read of options, environments and errors: an error is as good as the same outcome. */
const OF_RUNTIMES: Readonly<Record<string, readonly unknown[]>> = {
  shell: [true, "/bin/false"],
  env: [{ NODE_OPTIONS: "--require=/none" }],
  NODE_OPTIONS: ["--require=/none"],
  LD_PRELOAD: ["/none.so"],
  BUN_OPTIONS: ["--preload=/none"],
  cwd: ["/none"],
  uid: [1],
  gid: [1],
  argv0: ["x"],
  stdio: ["ignore"],
  detached: [true],
  input: ["x"],
  signal: [1, "SIGKILL"],
  timeout: [1],
  encoding: ["hex", "utf8"],
  mode: [0o777],
  flag: ["w"],
  href: ["x"],
  protocol: ["file:"],
  pathname: ["/none"],
  path: ["/"],
  command: ["x"],
  variable: ["HOME"],
  code: ["EINTR", "ENOENT", "ERR_LETHE_CHANNEL"],
  error: [new Error("planted")],
  reason: ["planted"],
  file: ["/bin/false"],
  parameters: [["x"]],
  environment: [{ LD_PRELOAD: "/none.so" }],
  runtime: ["/bin/false"],
  pnp: ["1"],
  electron: ["1"],
  permission: [{}],
  abort: ["x"],
  repeat: ["x"],
  highWaterMark: [0],
  objectMode: [true],
  fd: [0],
};

function set(name: string, value: unknown): void {
  const property = { value, configurable: true, writable: true, enumerable: true };
  Object.defineProperty(Object.prototype, name, Object.assign(Object.create(null), property));
}

async function outcome({ run }: Tried, scene: Scene): Promise<string> {
  try {
    return await run(scene);
  } catch (error) {
    const { name, message } = error as Error;
    return `threw ${name}: ${message}`;
  }
}

const entry = await entryHere();
const scene = await setScene(entry);
const differing: string[] = [];
let tried = 0;
const all = process.argv[2] === "all";
const values = all ? VALUES : VALUES.slice(0, 1);
/** What a custodian says of itself when nothing is planted. */
let expected: string | undefined;

for (const [title, tryOut] of EVERY_FUNCTION) {
  const clean = await outcome(tryOut, scene);
  if (clean.startsWith("threw")) differing.push(`${title} fails by itself: ${clean}`);
  const trials = [
    ...tryOut.names.flatMap((name) => values.map((value) => ({ name, value, strict: true }))),
    ...(all ? Object.entries(OF_RUNTIMES) : []).flatMap(([name, values]) =>
      values.map((value) => ({ name, value, strict: false })),
    ),
  ];
  for (const { name, value, strict } of trials) {
    set(name, value);
    const found = await outcome(tryOut, scene);
    Reflect.deleteProperty(Object.prototype, name);
    tried += 1;
    if (found === clean || (!strict && found.startsWith("threw"))) continue;
    differing.push(`${title} under ${name} = ${JSON.stringify(value)}: ${found}, not ${clean}`);
  }
}
await scene.end();

if (all) {
  await started();
  for (const [name, values] of Object.entries(OF_RUNTIMES)) {
    for (const value of values) {
      set(name, value);
      const found = await started();
      Reflect.deleteProperty(Object.prototype, name);
      tried += 1;
      if (found !== "") differing.push(`openCustodian under ${name}: ${found}`);
    }
  }
}

/** A custodian that starts is the one that was meant, and hardened as far; one that does not says so. */
async function started(): Promise<string> {
  const secrets = entry.openSecrets({ memory: "heap" });
  try {
    const custodian = await entry.openCustodian({ secrets });
    const { hardening, runtime } = custodian.report;
    await custodian.generate("k", "key");
    await custodian.close();
    const steps = Object.entries(hardening).map(([step, { outcome }]) => `${step}:${outcome}`);
    expected ??= `${runtime} ${steps.join(" ")}`;
    return `${runtime} ${steps.join(" ")}` === expected ? "" : `${runtime} ${steps.join(" ")}`;
  } catch (error) {
    const { name } = error as Error;
    return name === "LetheError" || name.endsWith("Error") ? "" : name;
  }
}
process.stdout.write(`${JSON.stringify({ tried, differing })}\n`);
process.exit(0);
