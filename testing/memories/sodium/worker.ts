/** Threads with pools of their own, which end with secrets live. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { openSodiumMemory } from "../../../memories/sodium/mod.ts";

const COUNT = 300;
const mapped = (): number => readFileSync("/proc/self/maps", "latin1").split("\n").length;
const secrets = openSecrets({ memory: openSodiumMemory() });

if (isMainThread) {
  const before = mapped();
  const locked: number[] = [];
  const ends = [1, 2, 3].map(
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker(new URL(import.meta.url));
        worker.on("message", (count) => locked.push(count));
        worker.on("error", reject);
        worker.on("exit", resolve);
      }),
  );
  const own = Array.from({ length: COUNT }, () => secrets.random(32));
  await Promise.all(ends);
  const alive = own.every((secret) => secret.expose((bytes) => bytes.some((byte) => byte !== 0)));
  const ownLocked = secrets.stats.lockedBytes;
  secrets.purge();
  process.stdout.write(JSON.stringify({ locked, ownLocked, alive, grown: mapped() - before }));
} else {
  const live = Array.from({ length: COUNT }, () => secrets.random(32));
  parentPort?.postMessage(live.filter((secret) => secret.guarantees.locked.verified).length);
}
