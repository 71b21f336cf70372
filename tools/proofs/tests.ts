/** Which tests there are, in which tier each runs, and on which runtimes. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { ROOMS } from "../rooms.ts";
import { unitTests } from "../unit_tier.ts";
import { titlesOf } from "./titles.ts";

export interface Probe {
  readonly path: string;
  /** Null where the file as a whole is the probe. */
  readonly title: string | null;
}

export function parseProbe(probe: string): Probe {
  const at = probe.indexOf(": ");
  return at < 0
    ? { path: probe, title: null }
    : { path: probe.slice(0, at), title: probe.slice(at + 2) };
}

/** What is wrong with a probe, or null. */
export function faultOf({ path, title }: Probe): string | null {
  if (!existsSync(path)) return `there is no ${path}`;
  if (title === null || titlesOf(path).some(({ text }) => text.includes(title))) return null;
  return `${path} has no test whose title has: ${title}`;
}

/** Tests that name a rule in their title. */
export function testsNaming(id: string): readonly string[] {
  const name = new RegExp(`\\b${id}\\b`);
  return allTests()
    .filter((path) => name.test(readFileSync(path, "utf8")))
    .flatMap((path) =>
      titlesOf(path)
        .filter(({ text }) => name.test(text))
        .map(({ text }) => `${path}: ${text}`),
    );
}

/** Tests that are shown a subject which breaks this rule. */
export function testsOfFaulty(id: string): readonly string[] {
  const helpers = globSync("testing/**/*.ts").filter(
    (path) => !path.endsWith(".test.ts") && readFileSync(path, "utf8").includes(`"${id}"`),
  );
  return allTests().filter((path) => {
    const imports = readFileSync(path, "utf8").matchAll(/ from "(\.[^"]+)"/g);
    return [...imports].some(([, to = ""]) => helpers.includes(join(path, "..", to)));
  });
}

let every: readonly string[] | null = null;

function allTests(): readonly string[] {
  const rooms = [...new Set(Object.keys(ROOMS).map((room) => room.split("/")[0]))];
  every ??= globSync(`{${rooms}}/**/*.test.ts`).sort();
  return every;
}

let unit: ReadonlySet<string> | null = null;

export function tierOf({ path, title }: Probe): string {
  unit ??= new Set(unitTests());
  const text = readFileSync(path, "utf8");
  const own = titlesOf(path).filter(({ text: one }) => title === null || one.includes(title));
  const isSoakAlone =
    /\.(?:environment|hostile)\.test\.ts$/.test(path) ||
    (own.length > 0 && own.every(({ soakOnly }) => soakOnly));
  if (isSoakAlone) return "soak";
  if (unit.has(path)) return "unit";
  return /\bSOAK\b/.test(text) ? "daily, more in the soak" : "daily";
}

/** A test that names the runtimes starts each of them; most do so in the soak, and daily one. */
const STARTS_OTHERS = /\b(?:RUNTIMES|INSTALLED|LAUNCHERS|CLI_RUNTIMES|runtimes)\b/;

export function runtimesOf({ path }: Probe): string {
  if (path.startsWith("adapters/deno/")) return "Deno";
  if (path.startsWith("adapters/bun/")) return "Bun";
  if (path.startsWith("adapters/workerd/")) return "workerd";
  if (path.startsWith("adapters/web/")) return "Chromium";
  if (STARTS_OTHERS.test(readFileSync(path, "utf8"))) return "Node, Deno, Bun";
  if (path.startsWith("adapters/node/")) return "Node 22, 24, 26";
  const isOnAll = /^(?:core|features\/enclave)\//.test(path);
  return isOnAll ? "Node 24; 22 and 26 in the soak" : "Node 24";
}
