import type { MemoryProvider } from "../../core/mod.ts";
import { fillAndFlush } from "../../core/random.ts";
import { standIn } from "../../system/stand_ins.ts";
import { HeapMemory } from "./heap_memory.ts";

standIn();

/** The memory that every runtime has, with the random bytes of the system, for runtimes on servers. */
export const SERVER_HEAP_PROVIDER: MemoryProvider = {
  name: "heap",
  open: () => new HeapMemory(fillAndFlush),
};
