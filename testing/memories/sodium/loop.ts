/** Makes and destroys secrets in one turn of the event loop. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { openSodiumMemory } from "../../../memories/sodium/mod.ts";

const memory = openSodiumMemory();

function measure(): readonly [mappings: number, kilobytes: number] {
  const status = readFileSync("/proc/self/status", "latin1");
  const mappings = readFileSync("/proc/self/maps", "latin1").split("\n").length;
  return [mappings, Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1])];
}

function turn(count: number): void {
  for (let index = 0; index < count; index++) {
    const region = memory.allocate(32);
    region.protect("read-write");
    region.view().fill(0xa5);
    region.wipe();
    region.detach();
    region.protect("no-access");
    region.release();
  }
}

turn(10_000);
const [mappings, kilobytes] = measure();
turn(30_000);
const [mappingsAfter, kilobytesAfter] = measure();
process.stdout.write(
  JSON.stringify({ mappings: mappingsAfter - mappings, kilobytes: kilobytesAfter - kilobytes }),
);
