import { writeSync } from "node:fs";
import { loadKoffi } from "../../../adapters/node/load_koffi.ts";

// Loads koffi twice, and says what came of it.

function attempt(): string {
  try {
    loadKoffi();
    return "loaded";
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    return `${name} ${code} ${message}`;
  }
}

const [first, second] = [attempt(), attempt()];
writeSync(1, first === second ? first : `${first}, then ${second}`);
