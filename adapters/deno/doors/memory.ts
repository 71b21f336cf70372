/**
 * For authors of a memory, on Deno.
 *
 * @module
 */
export * from "../../../core/memory_door.ts";
export { HeapMemory } from "../../../memories/heap/mod.ts";
export { runtime } from "../runtime.ts";
