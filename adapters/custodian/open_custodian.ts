import { outOfRange, wrongType } from "../../core/argument_error.ts";
import { checkInteger } from "../../core/check_integer.ts";
import { LetheError, type Runtime, type Secrets, secretsOpener } from "../../core/mod.ts";
import { readOptions } from "../../core/options.ts";
import { LentTerminal, type Remember } from "../terminal/mod.ts";
import { Calls, ended } from "./client/calls.ts";
import { type ChildHandle, type CustodianCommand, startChild } from "./client/child.ts";
import { Client } from "./client/client.ts";
import type { Custodian } from "./client/custodian.ts";
import { engineOf } from "./protocol/tools.ts";
import type { CustodianReport } from "./report.ts";

/** How to open a {@link Custodian}. */
export interface CustodianOptions {
  /** Where secrets land that leave the custodian. Default: the strongest memory of this runtime. */
  readonly secrets?: Secrets;
  /**
   * `"require"`: without a key in OpenSSL's secure heap there is no custodian, but an error.
   * `"prefer"` (the default): there is one, and its report says that the key is in guarded memory.
   */
  readonly secureHeap?: "require" | "prefer";
  /** Size of the secure heap: a power of two from 0 (none) to 2^30. Default: 32,768. Node only. */
  readonly secureHeapBytes?: number;
  /**
   * How long the key of the vault stays derived, in closed guarded memory, after its last use: 0 (it is
   * derived anew in each turn of the custodian's event loop) to 86,400,000. Default: 1000.
   */
  readonly relockMilliseconds?: number;
  /** A pipe or file, open here, that prompts may read (`from: "input"`). On Deno not 3 or 4. */
  readonly input?: number;
  /** How long `close()` waits before it kills, 1 to 2^31 - 1. Default: 5000. */
  readonly closeMilliseconds?: number;
  /** How long the start may take, 1 to 2^31 - 1. Default: 30,000. */
  readonly startMilliseconds?: number;
}

/**
 * Starts a custodian: a child process, hardened as far as it goes, that holds secrets for this one.
 *
 * @throws {LetheError} `ERR_LETHE_CUSTODIAN` when it does not start, `ERR_LETHE_SECURE_HEAP`,
 * `ERR_LETHE_UNAVAILABLE` without an engine for the channel
 */
export type OpenCustodian = (options?: CustodianOptions) => Promise<Custodian>;

/** What a runtime gives for that. */
export interface ApplicationHost {
  readonly runtime: Runtime;
  command(secureHeapBytes: number): CustodianCommand;
  /** Notes how the terminal is set, so that it is restored after a custodian was killed at its prompt. */
  readonly remember?: Remember;
  /** The lowest number that `input` may have. Default: 0. */
  readonly leastInput?: number;
}

/** The `openCustodian` of a runtime. */
export function custodianOpener({
  runtime,
  command,
  remember = () => null,
  leastInput = 0,
}: ApplicationHost): OpenCustodian {
  const openSecrets = secretsOpener(runtime);
  return async function openCustodian(options) {
    const checked = checkOptions(options, leastInput);
    const terminal = new LentTerminal(remember);
    const child = startChild(command(checked.secureHeapBytes), checked.input);
    try {
      // What this side needs is made while the other one starts.
      const engine = engineOf(runtime);
      const secrets = checked.secrets ?? openSecrets();
      const calls = new Calls({ engine, secrets }, child.channel, (error) => {
        terminal.restore();
        child.hold(true); // it ends now, and that should be heard
        if (error instanceof LetheError && error.code === "ERR_LETHE_CHANNEL") child.kill();
      });
      child.ended.then(({ code, signal }) => calls.fail(ended(`it ended (${signal ?? code})`)));
      const report = await opened(calls, checked);
      if (report.pid !== child.pid) throw ended("another process answers for it");
      child.hold(false);
      return new Client(report, calls, child, secrets, terminal, checked.closeMilliseconds);
    } catch (error) {
      await stop(child);
      throw error;
    }
  };
}

async function opened(calls: Calls, options: Checked): Promise<CustodianReport> {
  const { secureHeap, relockMilliseconds, startMilliseconds } = options;
  const timer = setTimeout(
    () => calls.fail(ended(`it did not start within ${startMilliseconds} ms`)),
    startMilliseconds,
  );
  try {
    return await calls.ask(() => ({
      operation: "open",
      fields: { secureHeap, relockMilliseconds },
      secret: undefined,
      answer: ({ report = "null" }) => JSON.parse(report) as CustodianReport,
    }));
  } finally {
    clearTimeout(timer);
  }
}

async function stop(child: ChildHandle): Promise<void> {
  child.hold(true);
  child.kill();
  await child.ended;
}

/** The options, checked, each there by itself. */
interface Checked extends Required<Omit<CustodianOptions, "secrets" | "input">> {
  readonly secrets: Secrets | undefined;
  readonly input: number | undefined;
}

const KEYS = [
  "secrets",
  "secureHeap",
  "secureHeapBytes",
  "relockMilliseconds",
  "input",
  "closeMilliseconds",
  "startMilliseconds",
] as const;

/** @throws {TypeError | RangeError} naming the option that is wrong */
function checkOptions(options: CustodianOptions | undefined, leastInput: number): Checked {
  const verb = "open custodian";
  const {
    secrets,
    secureHeap = "prefer",
    secureHeapBytes = 32_768,
    relockMilliseconds = 1000,
    input,
    closeMilliseconds = 5000,
    startMilliseconds = 30_000,
  } = readOptions(options, verb, KEYS);
  if (secureHeap !== "require" && secureHeap !== "prefer") {
    throw wrongType(`Cannot ${verb} as secureHeap must be "require" or "prefer"`);
  }
  checkInteger(secureHeapBytes, verb, "secureHeapBytes", 0, 2 ** 30);
  if (secureHeapBytes > 0 && !Number.isInteger(Math.log2(secureHeapBytes))) {
    throw outOfRange(`Cannot ${verb} as secureHeapBytes must be a power of two, or 0`);
  }
  checkInteger(relockMilliseconds, verb, "relockMilliseconds", 0, 86_400_000);
  checkInteger(closeMilliseconds, verb, "closeMilliseconds", 1, 2 ** 31 - 1);
  checkInteger(startMilliseconds, verb, "startMilliseconds", 1, 2 ** 31 - 1);
  if (input !== undefined) checkInteger(input, verb, "input", leastInput, 2 ** 31 - 1);
  return {
    secrets,
    secureHeap,
    secureHeapBytes,
    relockMilliseconds,
    input,
    closeMilliseconds,
    startMilliseconds,
  };
}
