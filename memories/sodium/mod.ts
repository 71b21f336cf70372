export { openSodiumMemory, SODIUM_PROVIDER, SodiumMemory } from "./sodium_memory.ts";
