export { openSodiumEngine, SODIUM_ENGINE_OFFER } from "../../engines/sodium/sodium_engine.ts";
export { openSodiumMemory, SODIUM_OFFER, SodiumMemory } from "./sodium_memory.ts";
