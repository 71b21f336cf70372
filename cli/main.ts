#!/usr/bin/env node
/**
 * The `lethe` command. What the caller handed over is looked at first: Node's own modules open
 * descriptors as soon as they are linked, process and util those of standard output.
 */
import "./caller_descriptors.ts";

await import("./lethe.ts");
