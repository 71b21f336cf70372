import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import type { Hardening, HardeningName, HardeningStep } from "../hardening/mod.ts";
import type { CustodianCommand } from "./client/child.ts";

/** Of util-linux. By its path: a search path may be the attacker's. */
const SETPRIV = "/usr/bin/setpriv";

/** Told to the program as its last argument, when it was started so. */
export const LAUNCHED = "launched-by-setpriv";

/**
 * The same command, started so that the kernel does what a runtime without FFI cannot ask it for: no
 * core file, no new privileges, SIGKILL when its parent ends. Each program replaces the one before, so
 * that the process stays the same. Elsewhere than on Linux it is the command itself.
 */
export function launched({ file, parameters }: CustodianCommand): CustodianCommand {
  if (process.platform !== "linux") return { file, parameters };
  const shell = ["/bin/sh", "-c", 'ulimit -c 0; exec "$@"', "lethe", file, ...parameters];
  if (!existsSync(SETPRIV)) return { file: "/bin/sh", parameters: shell.slice(1) };
  return {
    file: SETPRIV,
    parameters: ["--no-new-privs", "--pdeathsig", "KILL", ...shell, LAUNCHED],
  };
}

/** `hardening` with what the launch had done already, read back where the kernel tells it. */
export function withLaunch(hardening: Hardening): Hardening {
  const launch: Partial<Record<HardeningName, HardeningStep | null>> = {
    "core-limit": seen("/proc/self/limits", /^Max core file size +0 +0 +bytes/m),
    "no-new-privileges": seen("/proc/self/status", /^NoNewPrivs:\s+1$/m),
    "dies-with-parent": process.argv.includes(LAUNCHED)
      ? { outcome: "done", verified: false, evidence: "started by setpriv --pdeathsig KILL" }
      : null,
  };
  const steps = Object.entries(hardening).map(([name, step]) => [
    name,
    step.outcome === "not-done" ? (launch[name as HardeningName] ?? step) : step,
  ]);
  return Object.fromEntries(steps) as Hardening;
}

function seen(path: string, line: RegExp): HardeningStep | null {
  try {
    const [found] = line.exec(readFileSync(path, "latin1")) ?? [];
    if (found === undefined) return null;
    return { outcome: "done", verified: true, evidence: `${path}: ${found}` };
  } catch {
    return null;
  }
}
