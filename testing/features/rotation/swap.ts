/**
 * Replaces the version of a volume again and again, as the kubelet does: swap TIMES MOST_MILLISECONDS. It says
 * where the volume is, waits for a line, and says when it is done.
 */
import process from "node:process";
import { Volume } from "./volume.ts";

const [times = 0, most = 0] = process.argv.slice(2).map(Number);
const volume = new Volume("/dev/shm");
const write = (version: number): void => {
  const byte = String.fromCharCode(97 + (version % 26));
  volume.write({ user: byte.repeat(8), password: byte.repeat(5000) });
};
write(0);
process.stdout.write(`${volume.path}\n`);
await new Promise((resolve) => process.stdin.once("data", resolve));
for (let version = 1; version <= times; version++) {
  write(version);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * most));
}
process.stdout.write("done\n");
await new Promise((resolve) => process.stdin.once("end", resolve).resume());
volume.remove();
