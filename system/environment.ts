import { process } from "./node_builtins.ts";

/**
 * A variable of the environment. For a name that is not set, `process.env` gives what `Object.prototype` has: a
 * method, or what somebody planted there.
 */
export function variable(name: string): string | undefined {
  return isInherited(name) ? undefined : process.env[name];
}

/** Whether there is a variable. Makes no string of its value. */
export function hasVariable(name: string): boolean {
  return name in process.env && !isInherited(name);
}

function isInherited(name: string): boolean {
  // Asked only then: Deno says of a variable that is set and empty that it is none of its own.
  return name in Object.prototype && !Object.hasOwn(process.env, name);
}
