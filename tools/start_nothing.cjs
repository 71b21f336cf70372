/** Loaded before each file of `npm run test:unit`: a start of a process or a thread fails, and the run with it. */
const children = require("node:child_process");
const { syncBuiltinESMExports } = require("node:module");
const threads = require("node:worker_threads");

function refuse() {
  const error = new Error(
    "A test of the unit tier starts a process or a thread: see STARTS in tools/unit_tier.ts",
  );
  queueMicrotask(() => {
    throw error; // also where what called catches it
  });
  throw error;
}
for (const name of Object.keys(children)) {
  if (/^(?:spawn|exec|fork)/.test(name)) children[name] = refuse;
}
threads.Worker = refuse;
syncBuiltinESMExports();
