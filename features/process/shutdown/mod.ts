/**
 * What happens to secrets when the process ends.
 *
 * @module
 */
export { onEnding } from "./endings.ts";
export { beforeDefaultAction, isHandledByApplication } from "./signals.ts";
export { type WipeOnExit, type WipeOnExitOptions, wipeOnExit } from "./wipe_on_exit.ts";
