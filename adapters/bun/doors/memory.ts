/**
 * For authors of a memory, on Bun.
 *
 * @module
 */
export * from "../../../core/memory_door.ts";
export { HeapMemory } from "../../../memories/heap/mod.ts";
export { runtime } from "../runtime.ts";
