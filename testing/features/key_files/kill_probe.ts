// Run by kill.test.ts in each runtime: kill_probe.ts DIRECTORY OPERATION STEP. Kills itself, with no
// chance to tidy up, once STEP system calls that change something have been made.
import process from "node:process";
import { libcCalls } from "../../../features/key_files/libc_calls.ts";
import { nodeCalls } from "../../../features/key_files/node_calls.ts";
import { keyFilesOpener } from "../../../features/key_files/open_key_files.ts";
import { CHEAP, runtimeEntry } from "./entry.ts";
import { errno, interferedCalls } from "./faulty_calls.ts";

const [directory = "", asked = "", step = ""] = process.argv.slice(2);
/** On a file system that has no hard links, by a runtime that cannot make renameat2(2). */
const linkless = asked.endsWith(", no links");
const operation = asked.replace(", no links", "");
const { openSecrets, runtime } = await runtimeEntry();
const CHANGES: readonly string[] = [
  "openLock",
  "createFile",
  "chmod",
  "write",
  "sync",
  "link",
  "rename",
  "unlink",
];

let done = 0;
const had =
  "Deno" in globalThis
    ? libcCalls((await import("../../../adapters/deno/ffi.ts")).denoFfi(), () => undefined)
    : nodeCalls();
const real = linkless
  ? {
      ...had,
      renameNew: undefined,
      link: () => {
        throw errno("EPERM");
      },
    }
  : had;
const calls = interferedCalls(
  (name, _, make) => {
    const answer = make();
    if (CHANGES.includes(name) && ++done === Number(step)) process.kill(process.pid, "SIGKILL");
    return answer;
  },
  // In pieces, so that one of the steps is half a key.
  { ...real, write: (descriptor, bytes) => real.write(descriptor, bytes.subarray(0, 20)) },
);

const secrets = openSecrets();
const keys = keyFilesOpener(runtime, () => calls)(secrets, { onMisuse: "throw", cost: CHEAP });
const path = `${directory}/key`;
const passphrase = secrets.random(16);
if (operation === "create") keys.createAndRead(path, 32);
if (operation === "rotate") keys.rotate(path, 32);
if (operation === "rotate, keep") keys.rotate(path, 32, { keepPrevious: true });
if (operation === "seal") keys.seal(path, 32, { passphrase });
process.stdout.write(`survived ${done}\n`);
