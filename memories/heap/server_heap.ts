import type { MemoryProvider } from "../../core/mod.ts";
import { fillAndFlush } from "../../core/random.ts";
import { giveLockRemedy } from "../../core/require.ts";
import { standIn } from "../../system/stand_ins.ts";
import { HeapMemory } from "./heap_memory.ts";

standIn();
giveLockRemedy(
  "raise RLIMIT_MEMLOCK with ulimit -l, LimitMEMLOCK= (systemd) or --ulimit memlock (containers), destroy secrets that are no longer needed, or do not require it",
);

/** The memory that every runtime has, with the random bytes of the system, for runtimes on servers. */
export const SERVER_HEAP_PROVIDER: MemoryProvider = {
  name: "heap",
  open: () => new HeapMemory(fillAndFlush),
};
