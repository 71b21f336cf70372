#!/usr/bin/env node
/**
 * The `lethe` command. What the caller handed over is looked at first: Node's own modules open
 * descriptors as soon as they are linked, process and util those of standard output.
 */
try {
  await import("./caller_descriptors.ts");
  await import("./lethe.ts");
} catch (error) {
  // It is not there, or not readable, or there are no descriptors left: nothing of Lethe can say so.
  const { name, code = name } = error as NodeJS.ErrnoException;
  process.getBuiltinModule("node:fs").writeSync(2, `lethe: it cannot be loaded: ${code}\n`);
  process.exitCode = 70;
}
