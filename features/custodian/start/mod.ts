/**
 * How the process of a custodian is found, started and given up.
 *
 * @module
 */
export type { CustodianCommand } from "./command.ts";
export { NO_FOLDER } from "./environment.ts";
export { launched } from "./launch.ts";
export type { NamedPlace } from "./locate.ts";
export type { Compiled, Place, RuntimeWay } from "./runtime_way.ts";
