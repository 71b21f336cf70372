import { custodianOpener, type OpenCustodian } from "../../features/custodian/open_custodian.ts";
import { denoWay, readVariable } from "./custodian_way.ts";
import { DENO_ENTRY } from "./permissions.ts";
import { openTerminals } from "./prompt.ts";
import { runtime } from "./runtime.ts";

/**
 * Starts a Deno process that holds secrets for this one, with no permission but to call its memory
 * and read the terminal. It takes `--allow-run` for Deno itself, and `--allow-env=NODE_V8_COVERAGE`,
 * which Deno reads at each start of a process. See docs/custodian.md.
 *
 * @example
 * ```ts
 * import { openCustodian } from "lethe/custodian";
 *
 * const custodian = await openCustodian();
 * await custodian.generate("api key", "key", { mayLeave: true });
 * const length = await custodian.expose("api key", (bytes) => bytes.length); // 32
 * await custodian.close();
 * ```
 */
export const openCustodian: OpenCustodian = custodianOpener({
  runtime,
  entry: DENO_ENTRY,
  way: denoWay,
  readVariable,
  openTerminals,
  leastInput: 5, // Deno puts the channel on 3 before it passes on what 3 and 4 were
});
