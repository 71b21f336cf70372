import { LetheError, type OpenSecrets } from "../../core/mod.ts";
import { builtin, process } from "../../system/node_builtins.ts";

/**
 * `open`, but for a process that builds a startup snapshot: that writes its memory to a file when it ends, live secrets
 * among it, which every start of the program then has. So none is opened there.
 *
 * @returns what throws {@link LetheError} `ERR_LETHE_UNAVAILABLE` there
 */
export function notInSnapshot(open: OpenSecrets): OpenSecrets {
  return function openSecrets(options) {
    refuseSnapshot();
    return open(options);
  };
}

/** `node:v8` is loaded only where a flag says that one may be built: it takes milliseconds. */
function refuseSnapshot(): void {
  if (!process.execArgv.some((flag) => BUILDS.test(flag))) return;
  const v8 = builtin<typeof import("node:v8")>("node:v8");
  // A number in spite of its type: 1 while one is built.
  if (!v8?.startupSnapshot.isBuildingSnapshot()) return;
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    "Cannot open secrets while Node.js builds a startup snapshot, which would hold them in a file; open them in the function that v8.startupSnapshot.setDeserializeMainFunction is given",
  );
}

/** `--build-snapshot`, `--build-snapshot-config`, `--experimental-sea-config` and `--build-sea`, with `_` too. */
const BUILDS = /^--(?:build.snapshot|experimental.sea|build.sea)/;
