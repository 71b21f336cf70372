/**
 * How the process of a custodian is found, started and given up.
 *
 * @module
 */
export type { CustodianCommand } from "./command.ts";
export { NO_FOLDER } from "./environment.ts";
export { launched } from "./launch.ts";
export type { Compiled, NamedPlace, Place, RuntimeWay } from "./locate.ts";
