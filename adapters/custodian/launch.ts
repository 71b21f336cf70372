import { existsSync } from "node:fs";
import process from "node:process";
import type { Hardening } from "../hardening/mod.ts";
import type { CustodianCommand } from "./client/child.ts";

/** Of util-linux. By its path: a search path may be the attacker's. */
const SETPRIV = "/usr/bin/setpriv";

/** Told to the program as its last argument, when it was started so. */
export const LAUNCHED = "launched-by-setpriv";

/**
 * The same command, started so that the kernel does what a runtime without FFI cannot ask it for: no
 * core file, no new privileges, SIGCONT when its parent ends, so that it never sleeps through that. Each
 * program replaces the one before, so that the process stays the same. Elsewhere than on Linux it is the
 * command itself.
 */
export function launched({ file, parameters }: CustodianCommand): CustodianCommand {
  if (process.platform !== "linux") return { file, parameters };
  const shell = ["/bin/sh", "-c", 'ulimit -c 0; exec "$@"', "lethe", file, ...parameters];
  if (!existsSync(SETPRIV)) return { file: "/bin/sh", parameters: shell.slice(1) };
  return {
    file: SETPRIV,
    parameters: ["--no-new-privs", "--pdeathsig", "CONT", ...shell, LAUNCHED],
  };
}

/** `hardening` with the one step of the launch that the kernel shows to nobody without FFI. */
export function withLaunch(hardening: Hardening): Hardening {
  const isLaunched = process.argv.includes(LAUNCHED);
  if (!isLaunched || hardening["dies-with-parent"]?.outcome !== "not-done") return hardening;
  const evidence = "started by setpriv --pdeathsig CONT";
  return { ...hardening, "dies-with-parent": { outcome: "done", verified: false, evidence } };
}
