import { isAbsolute } from "node:path";
import { outOfRange, wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { bare } from "../../core/arguments/own.ts";
import { KEY_PLACES, type KeyPlace } from "../custodian/vault/key_pair_types.ts";
import type { AgentOptions } from "./agent.ts";

const VERB = "open agent";
/** Of sockaddr_un on Linux, without the zero at its end. */
const MOST_PATH = 107;

/** The options, checked. */
export interface CheckedAgentOptions
  extends Pick<AgentOptions, "path" | "secrets" | "confirm" | "allow" | "onUse"> {
  readonly mostConnections: number;
  readonly mostKeys: number;
  readonly clientMilliseconds: number;
  readonly keyPlace: KeyPlace;
}

/** @throws {TypeError | RangeError} */
export function checkAgentOptions(options: AgentOptions | undefined): CheckedAgentOptions {
  const own = readOptions(options, VERB, [
    "path",
    "secrets",
    "confirm",
    "allow",
    "onUse",
    "mostConnections",
    "mostKeys",
    "clientMilliseconds",
    "keyPlace",
  ]);
  const { path, mostConnections = 64, mostKeys = 256, clientMilliseconds = 60_000 } = own;
  const { keyPlace = "vault" } = own;
  if (!KEY_PLACES.includes(keyPlace)) {
    throw wrongType(`Cannot ${VERB} as keyPlace must be one of ${KEY_PLACES.join(", ")}`);
  }
  for (const name of ["confirm", "allow", "onUse"] as const) {
    if (own[name] === undefined || typeof own[name] === "function") continue;
    throw wrongType(
      `Cannot ${VERB} as ${name} must be a function: current value is ${kindOf(own[name])}`,
    );
  }
  if (path !== undefined) checkPath(path);
  checkInteger(mostConnections, VERB, "mostConnections", 1, 1024);
  checkInteger(mostKeys, VERB, "mostKeys", 1, 4096);
  checkInteger(clientMilliseconds, VERB, "clientMilliseconds", 100, 3_600_000);
  return bare({ ...own, mostConnections, mostKeys, clientMilliseconds, keyPlace });
}

function checkPath(path: unknown): void {
  if (typeof path !== "string") {
    throw wrongKind(`Cannot ${VERB} as path must be a string`, path);
  }
  if (!isAbsolute(path) || path.includes("\0")) {
    throw outOfRange(`Cannot ${VERB} as path must be a whole path, which begins at the root`);
  }
  if (Buffer.byteLength(path) <= MOST_PATH) return;
  throw outOfRange(`Cannot ${VERB} as path must have ${MOST_PATH} bytes at most`);
}
