import type { Permission } from "../../system/deno.ts";
import { variable } from "../../system/environment.ts";
import { process } from "../../system/node_builtins.ts";
import { isPermitted } from "../../system/permitted.ts";

/** Who may be able to change a program beside root. Where Deno does not tell, nobody. */
export function userHere(): number {
  return isPermitted({ name: "sys", kind: "uid" }) ? (process.geteuid?.() ?? 0) : 0;
}

/**
 * The flags of Deno without which a program is not started, each of which it would ask for on the terminal; none
 * elsewhere.
 */
export function flagsToStart(path: string): readonly string[] {
  const needed: readonly (readonly [Permission, string])[] = [
    [{ name: "run", command: path }, `--allow-run=${path}`],
    // Deno's spawn() reads it, also for a child that does not get it.
    [{ name: "env", variable: COVERAGE }, `--allow-env=${COVERAGE}`],
  ];
  return needed.flatMap(([permission, flag]) => (isPermitted(permission) ? [] : [flag]));
}

const COVERAGE = "NODE_V8_COVERAGE";

/**
 * What a program needs to find its files, its device and its user; nothing else of the own environment.
 *
 * @param folders where it looks for other programs
 */
export function usualEnvironment(folders: string): Readonly<Record<string, string | undefined>> {
  const found = USUAL.flatMap((name) => {
    // On Deno a variable takes a permission.
    if (!isPermitted({ name: "env", variable: name })) return [];
    const value = variable(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  // Node copies this one from process.env unless it is there, with any value.
  return { ...Object.fromEntries(found), [COVERAGE]: undefined, PATH: folders };
}

const USUAL: readonly string[] = [
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "XDG_RUNTIME_DIR",
  "DBUS_SESSION_BUS_ADDRESS",
];
