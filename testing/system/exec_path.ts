/** Prints the program of the runtime that runs this. */
import { process } from "../../system/node_builtins.ts";

process.stdout.write(`${process.execPath}\n`);
