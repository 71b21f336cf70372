import { spawnSync } from "node:child_process";
import process from "node:process";
import { noChromium } from "../testing/adapters/web/chromium.ts";
import { SOAK } from "../testing/tier.ts";

/** What tests here need of the machine, and are skipped or not run without. */
const NEEDS: readonly (readonly [missing: () => boolean, line: string])[] = [
  [() => noChromium !== null, `${noChromium}`],
  [
    () => !runs("cc"),
    "no process was made to touch, fork or execute (M9, G5, G6, G9 to G11, G14, F5): there is no cc; apt-get install gcc libc6-dev",
  ],
  [
    () => !runs("gdb"),
    "no core file of a live process and no last moment of one was looked into: there is no gdb; apt-get install gdb",
  ],
  [
    () => process.platform !== "linux",
    "nothing was seen from outside the process: that takes Linux",
  ],
  [
    () => process.getuid?.() !== 0,
    "nothing was run that drops rights or mounts a file system: that takes root, as in a container",
  ],
  [() => !SOAK, "what takes minutes was left out: npm run soak has all of it"],
];

/** A line for each thing that this machine lacks: what was not run, and how to have it. */
export function whatIsMissing(): readonly string[] {
  return NEEDS.flatMap(([missing, line]) => (missing() ? [line] : []));
}

function runs(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;
}
