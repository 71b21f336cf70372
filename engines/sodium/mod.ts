export { openSodiumEngine, SODIUM_ENGINE_OFFER } from "./sodium_engine.ts";
