#!/usr/bin/env node
/**
 * The `age-plugin-lethe` command: with `--age-plugin=` it speaks with age; otherwise it is `lethe envelope plugin`. As in
 * `lethe`, what the caller handed over is looked at first.
 */
try {
  await import("../caller_descriptors.ts");
  if (process.argv[2]?.startsWith("--age-plugin=")) {
    await import("./serve.ts");
  } else {
    process.argv.splice(2, 0, "envelope", "plugin");
    await import("../lethe.ts");
  }
} catch (error) {
  // It is not there, or not readable, or there are no descriptors left: nothing of Lethe can say so.
  const { name, code = name } = error as NodeJS.ErrnoException;
  process
    .getBuiltinModule("node:fs")
    .writeSync(2, `age-plugin-lethe: it cannot be loaded: ${code}\n`);
  process.exitCode = 70;
}
