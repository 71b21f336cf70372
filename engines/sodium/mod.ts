export { openSodiumEngine, SODIUM_ENGINE_PROVIDER } from "./sodium_engine.ts";
