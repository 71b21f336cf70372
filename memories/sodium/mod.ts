export { openSodiumMemory, SODIUM_OFFER, SodiumMemory } from "./sodium_memory.ts";
