// Run by name_lock.test.ts: name_lock_probe.ts DIRECTORY. Takes the lock as where there is no flock(2), says
// so, and keeps it until it is killed.
import process from "node:process";
import { openSecrets, runtime } from "../../../adapters/node/mod.ts";
import { nodeCalls } from "../../../features/key_files/node_calls.ts";
import { keyFilesOpener } from "../../../features/key_files/open_key_files.ts";
import { errno } from "./faulty_calls.ts";

const calls = nodeCalls();
let files = 0;
const stuck = {
  ...calls,
  lock: () => {
    throw errno("ENOLCK");
  },
  createFile(...parameters: Parameters<typeof calls.createFile>): number {
    const descriptor = calls.createFile(...parameters);
    // The first one is what flock(2) is tried on.
    if (!parameters[1].endsWith(".new") || ++files === 1) return descriptor;
    process.stdout.write("held\n");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return descriptor;
  },
};
keyFilesOpener(runtime, () => stuck)(openSecrets()).rotate(`${process.argv[2]}/key`, 32);
