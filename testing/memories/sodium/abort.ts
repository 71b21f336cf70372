/** Aborts, with or without listeners of the application's own. */
import process from "node:process";
import { isMainThread, Worker } from "node:worker_threads";
import { abort } from "../../../system/abort.ts";

const [, , listener, place] = process.argv;
if (isMainThread && listener === "listens") {
  process.on("SIGABRT", () => process.stdout.write("handled\n"));
  process.on("removeListener", () => {
    throw new Error("the application minds");
  });
}
if (isMainThread && place === "worker") {
  new Worker(new URL(import.meta.url)).on("error", () => process.stdout.write("error\n"));
  setTimeout(() => process.stdout.write("survived\n"), 5000);
} else {
  abort("lethe: ERR_LETHE_CANARY: a line");
}
