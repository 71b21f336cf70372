/**
 * Secrets that change while a program runs: read again before they expire or when they change, the old version
 * kept for those who use it. On Bun, which also sees changes in a directory.
 *
 * @module
 */
export * from "../../../features/rotation/mod.ts";
export { watchDirectory } from "../../../features/rotation/watch_directory.ts";
