/** Ends with secrets live, in several ways. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { writeHeapSnapshot } from "node:v8";
import type { SecretBuffer } from "../../../core/mod.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { openSodiumMemory } from "../../../memories/sodium/mod.ts";

const secrets = openSecrets({ memory: openSodiumMemory() });
const live: SecretBuffer[] = Array.from({ length: 400 }, () => {
  const secret = secrets.allocate(32);
  secret.modify((bytes) => bytes.set([76, 101, 116, 104, 101].concat(Array(27).fill(90))));
  return secret;
});
const mapped = (): number => readFileSync("/proc/self/maps", "latin1").split("\n").length;
const [, , way] = process.argv;
if (way === "exit") process.exit(7);
if (way === "scope") live[0]?.expose(() => process.exit(7));
if (way === "timer") {
  for (const secret of live) secret.destroy(); // arms the pool's timer
  const before = mapped();
  process.on("exit", () => {
    process.exitCode = mapped() > before - 400 ? 7 : 1; // else the process waited for the timer
  });
}
if (way === "snapshot") {
  const folder = mkdtempSync(`${tmpdir()}/lethe-`);
  const text = readFileSync(writeHeapSnapshot(`${folder}/a.heapsnapshot`), "latin1");
  rmSync(folder, { recursive: true });
  process.exitCode = text.length > 1000 && !text.includes("Z".repeat(27)) ? 7 : 1;
}
